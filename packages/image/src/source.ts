/** What an image is made of. Paths are absolute. The kinds are those of the configuration. */

export type ImageSource =
  /** TypeScript or JavaScript, bundled into one file that Node.js runs. */
  | { readonly kind: 'source'; readonly folder: string; readonly entry: string }
  /** An executable jar on a Java runtime. */
  | {
      readonly kind: 'jar'
      readonly path: string
      /** Major version, e.g. 21. */
      readonly javaVersion: number
      readonly jvmOptions: readonly string[]
      /** Makes the jar, in a folder. */
      readonly build?: { readonly command: string; readonly folder: string }
    }
  /** Built by Docker, Podman or Buildah. */
  | {
      readonly kind: 'dockerfile'
      readonly path: string
      /** Folder that `COPY` copies from. */
      readonly context: string
      readonly target?: string
      readonly args: Readonly<Record<string, string>>
    }
  /** An image of any registry. */
  | { readonly kind: 'image'; readonly reference: string }
