/**
 * What clients do: the part of a rehearsal that only the product's owners know. `baton.rehearsal.ts` exports it
 * as its default; the load generator, a separate process, imports the same file.
 */
export interface Traffic {
  /** Requests per second over all audiences. */
  readonly rate: number
  readonly audiences: readonly Audience[]
  /** What the migrations of a later release bring; without it v2's migration finds nothing new. */
  readonly migrations?: LaterMigrations
}

/** Files that are laid over the image of the migrations, by their path in it: `sql/0002_nickname.sql`. */
export interface LaterMigrations {
  /** Runs under load before v2, while v1 serves: v1 must go on. */
  readonly expand?: Readonly<Record<string, string>>
  /** Takes away what v1 still reads: the mistake `contract-too-early`. */
  readonly contract?: Readonly<Record<string, string>>
}

/** Those who use one site and the service behind it. */
export interface Audience {
  /** Name of the site in the platform. */
  readonly site: string
  /** Page routes that a tab may open: `/`, `/accounts`. */
  readonly pages: readonly string[]
  /** Path that reads through the API and answers 200 with JSON. */
  readonly read: string
  /** A write: answers 201 with JSON that holds the id. */
  readonly create: {
    readonly path: string
    /** Body of the n-th write of this run; `unique` differs from run to run. */
    body(n: number, unique: string): unknown
    /** Id in the answer. */
    id(answer: unknown): string | undefined
  }
  /** Takes one of the generator's own writes back; answers 204 or 200. */
  remove(id: string): string
  /** Lists what the database holds: called page by page after the load, until it gives no further cursor. */
  readonly list: {
    path(cursor: string | undefined): string
    read(answer: unknown): { ids: readonly string[]; cursor?: string }
  }
}
