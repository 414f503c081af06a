import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { mergedEnvironment, type SubstitutionInput, substitute } from './substitutions.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-root-'))
mkdirSync(join(root, 'app'))
writeFileSync(join(root, 'app/server.js'), '')
after(() => rmSync(root, { recursive: true }))

const input = (more: Partial<SubstitutionInput> = {}): SubstitutionInput => ({
  image: {
    architecture: 'arm64',
    os: 'linux',
    config: { Entrypoint: ['node'], Cmd: ['server.js'], WorkingDir: '/app' },
  },
  root,
  environment: {},
  platformEnvironment: {},
  address: '127.16.0.1',
  port: 8080,
  names: [{ name: 'db.abc.rds.amazonaws.com', host: '127.64.0.9', ports: new Map([[5432, 5432]]) }],
  mounts: [{ containerPath: '/var/log/app', directory: '/state/efs/fs-1' }],
  certificateFile: '/state/ca.pem',
  hostEnvironment: { PATH: '/bin', HOME: '/root', AWS_SECRET_ACCESS_KEY: 'mine' },
  ...more,
})

test('node is the emulator’s own Node, in the image’s working directory', () => {
  const plan = substitute(input())
  assert.deepEqual([plan.file, plan.args, plan.cwd], [process.execPath, ['server.js'], join(root, 'app')])
})

for (const [what, image, override, expected] of [
  ['a command of the definition replaces the image’s', ['node'], { command: ['other.js'] }, ['other.js']],
  [
    'an entry point of the definition drops the image’s command',
    ['sh'],
    { entryPoint: ['/usr/local/bin/node', 'x.js'] },
    ['x.js'],
  ],
  ['the official image’s entry point is left out', ['docker-entrypoint.sh', 'node'], {}, ['server.js']],
  [
    'absolute paths are looked for below the root',
    ['/nodejs/bin/node'],
    { command: ['/app/server.js'] },
    [join(root, 'app/server.js')],
  ],
] as const) {
  test(what, () => {
    const config = { Entrypoint: image, Cmd: ['server.js'] }
    const plan = substitute(input({ image: { architecture: 'arm64', os: 'linux', config }, ...override }))
    assert.deepEqual([plan.file, plan.args], [process.execPath, expected])
  })
}

for (const [what, value, expected] of [
  ['a name of the emulator', 'db.abc.rds.amazonaws.com', '127.64.0.9'],
  [
    'a name within a URL',
    'postgres://u:p@db.abc.rds.amazonaws.com:5432/shop',
    'postgres://u:p@127.64.0.9:5432/shop',
  ],
  ['in another case', 'DB.abc.rds.amazonaws.com', '127.64.0.9'],
  ['not a longer name', 'my-db.abc.rds.amazonaws.com.example.com', 'my-db.abc.rds.amazonaws.com.example.com'],
  ['a mount point', '/var/log/app', '/state/efs/fs-1'],
  ['a path below a mount point', '/var/log/app/admin.log', '/state/efs/fs-1/admin.log'],
  ['not a path that only begins like one', '/var/log/apps', '/var/log/apps'],
  ['RDS’s certificate bundle', '/certs/global-bundle.pem', '/state/ca.pem'],
] as const) {
  test(`environment: ${what}`, () => {
    assert.equal(substitute(input({ environment: { X: value } })).env.X, expected)
  })
}

test('PORT and HOST are the task’s own, and nothing of the emulator’s environment leaks in', () => {
  const { env } = substitute(input({ environment: { PORT: '1', HOST: '0.0.0.0' } }))
  assert.equal(env.PORT, '8080')
  assert.equal(env.HOST, '127.16.0.1')
  assert.equal(env.HOME, root)
  assert.deepEqual(Object.keys(env).sort(), ['HOME', 'HOST', 'NODE_EXTRA_CA_CERTS', 'PATH', 'PORT'])
})

test('where the local port is another one, the variable beside the host follows', () => {
  const names = [{ name: 'db.abc.rds.amazonaws.com', host: '127.0.0.1', ports: new Map([[5432, 61234]]) }]
  const { env } = substitute(
    input({ names, environment: { PGHOST: 'db.abc.rds.amazonaws.com', PGPORT: '5432', OTHER_PORT: '5432' } }),
  )
  assert.deepEqual([env.PGHOST, env.PGPORT, env.OTHER_PORT], ['127.0.0.1', '61234', '5432'])
})

test('the definition’s variables win over the image’s', () => {
  const image = { architecture: 'arm64', os: 'linux', config: { Env: ['A=1', 'B=x=y'] } }
  assert.deepEqual(mergedEnvironment(image, { A: '2' }), { A: '2', B: 'x=y' })
})

test('java is this machine’s, and Spring Boot listens where the task is', () => {
  const java = { folder: '/opt/jdk', version: 21, trustStore: '/state/java/1.store', memoryMiB: 512 }
  const image = { architecture: 'arm64', os: 'linux', config: { Entrypoint: ['java', '-jar', 'app.jar'] } }
  const plan = substitute(input({ image, java, containerPort: 8080 }))
  assert.deepEqual([plan.file, plan.args], ['/opt/jdk/bin/java', ['-jar', 'app.jar']])
  assert.equal(plan.env.SERVER_ADDRESS, '127.16.0.1')
  assert.equal(plan.env.SERVER_PORT, undefined)
  assert.match(plan.env.JAVA_TOOL_OPTIONS ?? '', /trustStore=\/state\/java\/1\.store .*-XX:MaxRAM=512m/)
  const moved = substitute(input({ image, java, port: 50_000, containerPort: 8080 }))
  assert.equal(moved.env.SERVER_PORT, '50000')
})

test('a JDBC URL leads to the database here, with the emulator’s authority', () => {
  const url = 'jdbc:postgresql://db.abc.rds.amazonaws.com:5432/app?sslmode=verify-full&sslrootcert='
  const { env } = substitute(
    input({
      environment: {
        SPRING_DATASOURCE_URL: `${url}/opt/certificates/global-bundle.pem`,
        DOWNLOAD: 'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
      },
    }),
  )
  assert.equal(
    env.SPRING_DATASOURCE_URL,
    'jdbc:postgresql://127.64.0.9:5432/app?sslmode=verify-full&sslrootcert=/state/ca.pem',
  )
  assert.match(env.DOWNLOAD ?? '', /global-bundle\.pem$/)
})
