import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sameContainers } from './same-containers.ts'

const container = {
  name: 'app',
  image: 'app:1',
  portMappings: [{ containerPort: 8080 }],
  environment: [
    { name: 'B', value: '2' },
    { name: 'A', value: '1' },
  ],
}

for (const [what, other, same] of [
  ['the order of the environment', { environment: container.environment.toReversed() }, true],
  ['what ECS assumes', { essential: true, cpu: 0, mountPoints: [], volumesFrom: [], command: null }, true],
  [
    'the port and protocol that there are',
    { portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: 'tcp' }] },
    true,
  ],
  [
    'another value',
    {
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '3' },
      ],
    },
    false,
  ],
  ['another image', { image: 'app:2' }, false],
  ['a container that is not essential', { essential: false }, false],
] as const) {
  test(`${what} ${same ? 'makes no' : 'makes a'} new revision`, () => {
    assert.equal(
      sameContainers(JSON.stringify([container]), JSON.stringify([{ ...container, ...other }], null, 2)),
      same,
    )
  })
}
