import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaToolOptions } from './java-options.ts'

const trustStore = '/state/java/1.store'
const trust = `-Djavax.net.ssl.trustStore=${trustStore} -Djavax.net.ssl.trustStorePassword=changeit`

for (const [what, given, command, memoryMiB, expected] of [
  ['adds trust and memory', undefined, ['java', '-jar', 'app.jar'], 512, `${trust} -XX:MaxRAM=512m`],
  [
    'keeps what the application has',
    '-Duser.timezone=UTC',
    ['java'],
    512,
    `-Duser.timezone=UTC ${trust} -XX:MaxRAM=512m`,
  ],
  ['adds no memory to a task without a limit', undefined, ['java'], undefined, trust],
  [
    'leaves a trust store of the application',
    undefined,
    ['java', '-Djavax.net.ssl.trustStore=/app/own'],
    512,
    '-XX:MaxRAM=512m',
  ],
  ['leaves the application’s own memory', '-XX:MaxRAM=1g', ['java'], 512, `-XX:MaxRAM=1g ${trust}`],
] as const) {
  test(`the options of a JVM: ${what}`, () => {
    assert.equal(javaToolOptions(given, command, { trustStore, memoryMiB }), expected)
  })
}
