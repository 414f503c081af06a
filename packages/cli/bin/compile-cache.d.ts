/** The folder of Node's compile cache, created where it is missing; undefined where none can be trusted. */
export declare function compileCacheFolder(
  environment?: Readonly<Record<string, string | undefined>>,
): string | undefined
