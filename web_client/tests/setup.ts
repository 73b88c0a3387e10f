/** What browsers have and Node has not, where modules ask for it as they are loaded. */
import { vi } from 'vitest';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
