/** What may be asked of the API and what comes back, read off the types that are generated from its document (schema.ts). */
import type { paths } from './schema';

export const API = '/api/v1';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The paths below API. */
type Paths = {
  [Path in keyof paths as Path extends `${typeof API}${infer Rest}` ? Rest : never]: paths[Path];
};

/** The paths that have this method. */
export type PathOf<M extends Method> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Lowercase<M>, { responses: unknown }>
    ? Path
    : never;
}[keyof Paths];

export type Operation<M extends Method, Path extends PathOf<M>> = Paths[Path][Lowercase<M> &
  keyof Paths[Path]];

/** Parameters may be null, which omits them. */
type Query<Parameters> = { [Name in keyof Parameters]: Parameters[Name] | null | undefined };

type PathPart<O> = O extends { parameters: { path: infer Names } } ? { path: Names } : unknown;
type QueryPart<O> = O extends { parameters: { query: infer Names } }
  ? { query: Query<Names> }
  : O extends { parameters: { query?: infer Names } }
    ? [Exclude<Names, undefined>] extends [never]
      ? unknown
      : { query?: Query<Exclude<Names, undefined>> }
    : unknown;

/** JSON by its shape; a picture as a file. */
type Body<Content> = {
  [Type in keyof Content]: Type extends 'application/json' ? Content[Type] : Blob;
}[keyof Content];
type BodyPart<O> = O extends { requestBody: { content: infer Content } }
  ? { body: Body<Content> }
  : O extends { requestBody?: { content: infer Content } }
    ? { body?: Body<Content> }
    : unknown;
type Code<O> = O extends {
  responses: { 422: { content: { 'application/problem+json': { code?: infer Word } } } };
}
  ? Word
  : never;
/** Operations that can answer `key_reused` accept an Idempotency-Key. */
type KeyPart<O> =
  'key_reused' extends Code<O>
    ? {
        /** Makes a repeated POST safe; kept by the server for 24 h. */
        idempotencyKey?: string;
      }
    : unknown;

/** What an operation is asked with. */
export type Asked<O> = PathPart<O> & QueryPart<O> & BodyPart<O> & KeyPart<O>;

type Good = 200 | 201 | 202 | 204;
type Content<Answer> = Answer extends { content: { 'application/json': infer Json } }
  ? Json
  : undefined;

/** What comes back when it goes well; `undefined` where nothing does. */
export type Answer<O> = O extends { responses: infer Answers }
  ? { [Status in keyof Answers & Good]: Content<Answers[Status]> }[keyof Answers & Good]
  : never;

/** The options argument, optional where all its fields are. */
export type OptionsArgument<Options> = Partial<Options> extends Options ? [Options?] : [Options];
