/**
 * For tests: images to stand on, made of what Debian installed on this machine, since a test reaches no public
 * registry. Programs are laid into a layer with the libraries that the loader finds for them. Every base has BusyBox as
 * its shell. They are made once and kept below `node_modules/.cache`, until one of their programs changes.
 *
 *     const image = await javaImage()          // for the architecture of this machine
 *     await pushImage(image, { endpoint, repository: 'library/java', tag: '17' })
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readBlob, readImage, writeImage } from '../layout.ts'
import type { Architecture, ContainerConfig, Descriptor, Image, ImageConfig } from '../oci.ts'
import { addTree, type Tree, type TreeEntry, writeTree } from './tree.test-kit.ts'

export type { Tree, TreeEntry }

/** Architecture of this machine, and so of the bases. */
export const machineArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

const programs = { busybox: '/bin/busybox', nginx: '/usr/sbin/nginx' } as const

/** Why these bases cannot be made here; undefined where they can. For the `skip` of a test. */
export function missingForBases(...names: readonly ('busybox' | 'java' | 'nginx')[]): string | undefined {
  const missing = names.filter((name) =>
    name === 'java' ? javaHome() === undefined : !existsSync(programs[name]),
  )
  return missing.length > 0 ? `${missing.join(' and ')} not installed` : undefined
}

/** BusyBox with all of its commands, users `root`, `www-data` and `app` (1000), and a `/tmp`. */
export const busyboxImage = (): Promise<Image> =>
  kept('busybox', [programs.busybox], busyboxTree, { Cmd: ['sh'], Env: [path] })

/** The Java runtime of this machine, of the version that {@link machineJavaVersion} says; `java` is on the path. */
export async function javaImage(): Promise<Image> {
  const home = javaHome() ?? ''
  return kept('java', [programs.busybox, join(home, 'release'), join(home, 'lib', 'modules')], javaTree, {
    Cmd: ['java', '-version'],
    Env: [path, `JAVA_HOME=${home}`, 'LANG=C.UTF-8'],
  })
}

/** The Node.js that runs this test, with its libraries, at the place of the official image. */
export const nodeImage = (): Promise<Image> =>
  kept('node', [programs.busybox, process.execPath], nodeTree, { Cmd: ['node'], Env: [path] })

/** Debian's nginx in the foreground on port 80, its logs on standard output, as the official image has it. */
export const nginxImage = (): Promise<Image> =>
  kept('nginx', [programs.busybox, programs.nginx], nginxTree, {
    Cmd: ['nginx', '-g', 'daemon off;'],
    Env: [path],
    StopSignal: 'SIGQUIT',
    ExposedPorts: { '80/tcp': {} },
  })

/** The image with these entries in one more layer on top, and another configuration where one is given. */
export async function withTree(
  image: Image,
  entries: Readonly<Record<string, TreeEntry>>,
  config: ContainerConfig = {},
): Promise<Image> {
  const layer = await writeTree(image.layout, new Map(Object.entries(entries)))
  return writeImage(
    image.layout,
    {
      ...image.config,
      config: { ...image.config.config, ...config },
      rootfs: { type: 'layers', diff_ids: [...image.config.rootfs.diff_ids, layer.diffId] },
      history: [...(image.config.history ?? []), { created: '2026-01-01T00:00:00Z', created_by: 'test' }],
    },
    [...image.manifest.layers, layer.descriptor],
  )
}

/**
 * A folder, of a path in lower case, that engines read as an image of this name: `podman pull oci:FOLDER:NAME`, `skopeo copy oci:FOLDER:NAME …`.
 */
export async function layoutFor(image: Image, folder: string, name: string): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  for (const [digest, file] of Object.entries(image.blobs))
    await copyFile(
      file,
      join(folder, 'blobs', 'sha256', digest.replace('sha256:', '')),
      constants.COPYFILE_FICLONE,
    )
  const annotations = { 'org.opencontainers.image.ref.name': name }
  const size = (await readBlob(image.layout, image.digest)).length
  const manifests = [{ mediaType: image.manifest.mediaType, digest: image.digest, size, annotations }]
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
}

/** Major version of this machine's Java. */
export async function machineJavaVersion(): Promise<number> {
  const release = await readFile(join(javaHome() ?? '', 'release'), 'utf8')
  return Number(/^JAVA_VERSION="(\d+)/m.exec(release)?.[1])
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Newest runtime below Debian's folder of them. */
function javaHome(): string | undefined {
  const versions = [25, 21, 17, 11].map((version) =>
    join('/usr/lib/jvm', `java-${version}-openjdk-${machineArchitecture}`),
  )
  return versions.find((home) => existsSync(join(home, 'lib', 'modules')))
}

async function busyboxTree(): Promise<Tree> {
  const { stdout } = await promisify(execFile)(programs.busybox, ['--list-full'])
  const tree: Tree = new Map([
    ['/etc/passwd', { content: users }],
    ['/etc/group', { content: 'root:x:0:\nwww-data:x:33:\napp:x:1000:\n' }],
    ['/etc/nsswitch.conf', { content: 'hosts: files dns\n' }],
    ['/tmp', { folder: 0o1777 }],
    ['/root', { folder: 0o700 }],
    ['/home/app', { folder: 0o755, uid: 1000 }],
  ])
  for (const each of stdout.split('\n').filter(Boolean)) tree.set(`/${each}`, { link: '/bin/busybox' })
  await addTree(tree, await realpath(programs.busybox), programs.busybox)
  return tree
}

const users = `root:x:0:0:root:/root:/bin/sh
www-data:x:33:33:www-data:/var/www:/bin/false
app:x:1000:1000::/home/app:/bin/sh
`

async function javaTree(): Promise<Tree> {
  const tree = await busyboxTree()
  const home = javaHome() ?? ''
  const notNeeded = ['ct.sym', 'src.zip']
  for (const part of ['conf', 'release', 'bin/java', 'bin/keytool']) await addTree(tree, join(home, part))
  for (const name of await readdir(join(home, 'lib')))
    if (!notNeeded.includes(name)) await addTree(tree, join(home, 'lib', name))
  const native = [...tree].flatMap(([to, entry]) =>
    'file' in entry && /\.so$|\/bin\/java$/.test(to) ? [entry.file] : [],
  )
  await addLibraries(tree, native)
  for (const [to] of tree) if (to.includes('libawt_xawt') || to.includes('libsplashscreen')) tree.delete(to)
  tree.set('/usr/bin/java', { link: join(home, 'bin', 'java') })
  tree.set('/usr/bin/keytool', { link: join(home, 'bin', 'keytool') })
  return tree
}

async function nodeTree(): Promise<Tree> {
  const tree = await busyboxTree()
  await addTree(tree, await realpath(process.execPath), '/usr/local/bin/node')
  await addLibraries(tree, [process.execPath])
  return tree
}

async function nginxTree(): Promise<Tree> {
  const tree = await busyboxTree()
  await addTree(tree, programs.nginx)
  await addLibraries(tree, [programs.nginx])
  for (const name of ['mime.types', 'fastcgi_params', 'proxy_params', 'uwsgi_params', 'scgi_params'])
    await addTree(tree, `/etc/nginx/${name}`)
  tree.set('/etc/nginx/nginx.conf', { content: nginxConfiguration })
  tree.set('/etc/nginx/conf.d', { folder: 0o755 })
  tree.set('/usr/share/nginx/html/index.html', { content: '<h1>Welcome to nginx</h1>\n' })
  tree.set('/var/log/nginx/access.log', { link: '/dev/stdout' })
  tree.set('/var/log/nginx/error.log', { link: '/dev/stderr' })
  tree.set('/var/lib/nginx', { folder: 0o755 })
  tree.set('/run', { folder: 0o755 })
  return tree
}

const nginxConfiguration = `user www-data;
worker_processes 1;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  include /etc/nginx/conf.d/*.conf;
  server {
    listen 80 default_server;
    root /usr/share/nginx/html;
  }
}
`

/** What the loader would load for these programs, at the paths where it looks. */
async function addLibraries(tree: Tree, files: readonly string[]): Promise<void> {
  const { stdout } = await promisify(execFile)('ldd', [...files], { maxBuffer: 2 ** 24 }).catch(
    (error) => error,
  )
  const libraries = new Set<string>()
  for (const [, file] of String(stdout).matchAll(/(?:=>|^)\s+(\/\S+) \(0x/gm)) libraries.add(file ?? '')
  for (const file of libraries) {
    const source = resolve(file)
    if (tree.has(source)) continue
    const real = await realpath(source)
    const { mode, size } = await stat(real)
    tree.set(source, { file: real, mode: mode & 0o777, size })
  }
}

/** Made once: the layout's `index.json` grows, and this file names the image for the present programs. */
async function kept(
  name: string,
  files: readonly string[],
  treeOf: () => Promise<Tree>,
  config: ContainerConfig,
): Promise<Image> {
  const layout = join(import.meta.dirname, '../../../../node_modules/.cache/baton-test-bases')
  await mkdir(layout, { recursive: true })
  const hash = createHash('sha256').update(await readFile(import.meta.filename))
  for (const file of files) {
    const { size, mtimeMs } = await stat(file)
    hash.update(`${file} ${size} ${mtimeMs}`)
  }
  const note = join(layout, `${name}-${hash.digest('hex').slice(0, 16)}.json`)
  const known = await readFile(note, 'utf8').then(
    (text): { digest: string } => JSON.parse(text),
    () => undefined,
  )
  if (known) return readImage(layout, known.digest)
  const layer = await writeTree(layout, await treeOf())
  const image: ImageConfig = {
    architecture: machineArchitecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    // Podman builds on nothing that has fewer entries than layers, and caches nothing without their times.
    history: [{ created: '2026-01-01T00:00:00Z', created_by: name }],
  }
  const made = await writeImage(layout, image, [layer.descriptor satisfies Descriptor])
  await writeFile(note, JSON.stringify({ digest: made.digest }))
  return made
}
