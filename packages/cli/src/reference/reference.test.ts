import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commands } from '../program.ts'
import { command, commandsPage } from './commands-page.ts'
import { commandsFile } from './main.ts'

test('the page of the commands is what the program says now', async () => {
  const written = readFileSync(commandsFile, 'utf8')
  assert.ok(written === (await commandsPage()), `${commandsFile} is out of date; write it again: ${command}`)
})

test('every command has its section, with an example', async () => {
  const page = await commandsPage()
  const sections = page.split(/\n(?=## )/)
  for (const name of Object.keys(commands)) {
    const section = sections.find((each) => new RegExp(`^## baton ${name}\\b`).test(each))
    assert.match(section ?? '', /```sh\nbaton /, name)
  }
})
