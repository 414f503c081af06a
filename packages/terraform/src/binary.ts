/**
 * Which Terraform this machine has: what `TERRAFORM_BINARY` names, or else the first of `terraform` and `tofu` on
 * the PATH that is new enough. The synthesized stacks use lock files in the bucket, ephemeral values and
 * write-only attributes, which both products know from 1.11 on.
 */
import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join, resolve, sep } from 'node:path'
import { gte, valid } from 'semver'
import { TerraformError } from './terraform-error.ts'

export interface TerraformBinary {
  /** Absolute path. */
  readonly path: string
  readonly product: 'Terraform' | 'OpenTofu'
  /** e.g. `1.11.4`. */
  readonly version: string
}

/** The oldest version that can apply what Baton synthesizes. */
export const minimumVersion = '1.11.0'

const install = [
  `Install Terraform ${minimumVersion} or later (https://developer.hashicorp.com/terraform/install)`,
  `or OpenTofu ${minimumVersion} or later (https://opentofu.org/docs/intro/install),`,
  'or name the one you have in TERRAFORM_BINARY.',
].join(' ')

/** Throws `binary-missing`, `binary-broken` or `binary-too-old`. */
export async function findTerraform(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TerraformBinary> {
  const named = environment.TERRAFORM_BINARY?.trim()
  const names = named ? [named] : ['terraform', 'tofu']
  const paths = names.flatMap((name) => locate(name, environment.PATH ?? '') ?? [])
  if (paths.length === 0) {
    throw new TerraformError(
      'binary-missing',
      named
        ? `TERRAFORM_BINARY names ${named}, and there is no such program.`
        : 'There is neither a terraform nor a tofu on the PATH.',
      named ? `Correct it. ${install}` : install,
    )
  }
  const found: TerraformBinary[] = []
  for (const path of paths) {
    const binary = await describe(path, environment)
    if (gte(binary.version, minimumVersion)) return binary
    found.push(binary)
  }
  throw new TerraformError(
    'binary-too-old',
    `${found.map(({ product, version, path }) => `${product} ${version} (${path})`).join(' and ')} cannot apply this platform: it takes ${minimumVersion} or later.`,
    install,
  )
}

function locate(name: string, path: string): string | undefined {
  const candidates =
    isAbsolute(name) || name.includes(sep)
      ? [resolve(name)]
      : path.split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, name)]))
  return candidates.find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

async function describe(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TerraformBinary> {
  const broken = (what: string, cause?: unknown) =>
    new TerraformError('binary-broken', `${path} does not say its version: ${what}`, install, { cause })
  const { output, error } = await versionOf(path, environment)
  if (error) throw broken(error.message.split('\n')[0] ?? '', error)
  try {
    const { terraform_version: version } = JSON.parse(output)
    if (valid(version) !== null) return { path, product: productOf(path), version }
  } catch (cause) {
    throw broken(output.slice(0, 200) || 'it printed nothing.', cause)
  }
  throw broken(output.slice(0, 200))
}

/** OpenTofu answers under Terraform's own key; only its file name differs. */
const productOf = (path: string): TerraformBinary['product'] =>
  basename(realpathSync(path)).includes('tofu') ? 'OpenTofu' : 'Terraform'

/** `version -json`: https://developer.hashicorp.com/terraform/cli/commands/version */
function versionOf(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ output: string; error?: Error }> {
  return new Promise((done) => {
    execFile(
      path,
      ['version', '-json'],
      { env: { ...environment, CHECKPOINT_DISABLE: '1' }, timeout: 60_000, maxBuffer: 1 << 20 },
      (error, output) => done(error ? { output, error } : { output }),
    )
  })
}
