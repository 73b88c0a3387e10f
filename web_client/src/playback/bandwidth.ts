/** What we have measured of the network, and how we ask the server to choose by it. */
import { keptSaving, systemSaves } from './connection';

let measured: number | null = null;

/** Bits a second, by the adaptive player. */
export function measuredBandwidth(): number | null {
  return measured;
}

export function keepBandwidth(bitsPerSecond: number): void {
  if (bitsPerSecond > 0) measured = bitsPerSecond;
}

/**
 * The query that puts the right MP4 first. Before anything was measured it says nothing: then the server
 * answers its safe start. Two digits are enough, and keep answers alike.
 */
export function bandwidthQuery(): Record<string, string | null> {
  return {
    bandwidth_bps: measured === null ? null : String(Math.round(Number(measured.toPrecision(2)))),
    // What `dataSaver` of saving.ts is, without the signals that the early script would have to load.
    save_data: (keptSaving() ?? systemSaves()) ? '1' : null,
  };
}
