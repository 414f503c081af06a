/**
 * How a container comes to trust the emulator's authority: files that are mounted read-only, and four variables that lead
 * OpenSSL, Node.js, AWS's clients and the JVM to them. What the application has set itself stays as it is.
 *
 * The files that replace a program's own list of authorities hold Mozilla's, as Node.js has them, and the emulator's.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { CertificateAuthority } from '../../../certificate-authority.ts'
import type { Mount } from '../../task/task-runtime.ts'
import { keyStore } from './key-store.ts'

/** Where the files are in every container. */
const folder = '/.baton'
const password = 'changeit'

export interface Trust {
  /** Of the files, for a container with these variables, arguments included. */
  mounts(environment: Readonly<Record<string, string>>): Mount[]
  /** Variables to add. */
  variables(environment: Readonly<Record<string, string>>): Record<string, string>
}

/** Writes the files to `directory`. */
export async function createTrust(
  authority: Pick<CertificateAuthority, 'certificate'>,
  directory: string,
): Promise<Trust> {
  await mkdir(directory, { recursive: true })
  const all = [...rootCertificates, authority.certificate]
  const file = (name: string) => join(directory, name)
  const contents = {
    'ca.pem': authority.certificate,
    'bundle.pem': all.map((each) => `${each.trim()}\n`).join(''),
    'trust.jks': keyStore(all, password),
  }
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(file(name), content)
    // Containers have users of their own, and the emulator's umask hides what it writes from others.
    await chmod(file(name), 0o644)
  }
  await chmod(directory, 0o755)
  return {
    mounts(environment) {
      const bundles = new Set(
        Object.values(environment).flatMap((value) => value.match(databaseBundle) ?? []),
      )
      return [
        { containerPath: folder, directory, readOnly: true },
        ...[...bundles].map((path) => ({
          containerPath: path,
          directory: file('bundle.pem'),
          readOnly: true,
        })),
      ]
    },
    variables(environment) {
      const added: Record<string, string> = {
        SSL_CERT_FILE: `${folder}/bundle.pem`,
        AWS_CA_BUNDLE: `${folder}/bundle.pem`,
        NODE_EXTRA_CA_CERTS: `${folder}/ca.pem`,
      }
      for (const name of Object.keys(added)) if (environment[name] !== undefined) delete added[name]
      const options = environment.JAVA_TOOL_OPTIONS ?? ''
      if (!Object.values(environment).some((value) => value.includes('-Djavax.net.ssl.trustStore=')))
        added.JAVA_TOOL_OPTIONS = [options, javaOptions].filter((each) => each !== '').join(' ')
      return added
    },
  }
}

/** The authorities of RDS, in a file of the image. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html */
const databaseBundle = /\/(?:[\w.@+-]+\/)*(?:global|[a-z]{2}(?:-[a-z]+)+-\d)-bundle\.pem(?![\w.-])/g

const javaOptions = [
  `-Djavax.net.ssl.trustStore=${folder}/trust.jks`,
  '-Djavax.net.ssl.trustStoreType=JKS',
  `-Djavax.net.ssl.trustStorePassword=${password}`,
].join(' ')
