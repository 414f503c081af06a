/** When conditions are looked at: as soon as what they need is known, and again where only an apply finds it out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFixture } from './test-kit/engine.test-kit.ts'

const thing = (more: object = {}) => ({ resource: { aws_thing: { a: { name: 'a', ...more } } } })
const condition = (text: string) => [{ condition: `\${${text}}`, error_message: 'as it must not be' }]

// https://developer.hashicorp.com/terraform/language/expressions/custom-conditions
test('an output’s precondition on what only the apply finds out is checked by the apply', async (t) => {
  const { apply, write, terraform } = createFixture(t)
  const output = (text: string) => ({
    o: { value: '${aws_thing.a.id}', precondition: condition(text) },
  })
  write({ ...thing(), output: output('aws_thing.a.id == "another"') })
  await assert.rejects(apply(), /output\.o: The precondition does not hold\. as it must not be/)
  assert.equal(terraform.resources('test').length, 1, 'what was made is kept')
  write({ ...thing(), output: output('aws_thing.a.id == "thing-1"') })
  assert.deepEqual((await apply()).outputs, { o: 'thing-1' })
})

test('a check warns once, by the plan or, where that cannot know, by the apply', async (t) => {
  const { apply, write } = createFixture(t)
  const asserting = (text: string) => ({ check: { c: { assert: condition(text) } } })
  write({ ...thing(), ...asserting('aws_thing.a.id == "another"') })
  assert.deepEqual((await apply()).warnings, ['check.c: Check failed. as it must not be'])
  assert.deepEqual((await apply()).warnings, ['check.c: Check failed. as it must not be'])
  write({ ...thing(), ...asserting('aws_thing.a.id == "thing-1"') })
  assert.deepEqual((await apply()).warnings, [])
})

test('a postcondition holds for an instance that does not change, too', async (t) => {
  const { apply, plan, write } = createFixture(t)
  write(thing())
  await apply()
  write(thing({ lifecycle: { postcondition: condition('self.arn == "another"') } }))
  await assert.rejects(plan(), /aws_thing\.a: The postcondition does not hold/)
})

test('null for a variable that takes none stands for its default', async (t) => {
  const { apply, write, plan } = createFixture(t)
  const variable = (more: object) => ({
    variable: { v: { type: 'string', nullable: false, ...more } },
    output: { o: { value: '${var.v}' } },
  })
  write(variable({ default: 'usual' }))
  assert.deepEqual((await apply({ variables: { v: null } })).outputs, { o: 'usual' })
  write(variable({}))
  await assert.rejects(plan({ variables: { v: null } }), /var\.v: Value is null/)
})
