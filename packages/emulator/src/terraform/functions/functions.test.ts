/**
 * The functions as a table of expressions and their values; and, where a Terraform is installed, the same table
 * evaluated by it.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { evaluateString } from '../expression/evaluate.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import type { Value } from '../type/resource-type.ts'
import { toValue } from '../value/term.ts'

const scope = {
  resolve: () => null,
  functions: {
    folder: import.meta.dirname,
    planning: false,
    now: () => Date.UTC(2024, 1, 3, 4, 5, 6),
    uuid: () => 'u',
  },
}
const value = (expression: string) => toValue(evaluateString(`\${${expression}}`, scope))

/** Expression and value; Terraform agrees with each. */
const table: readonly (readonly [expression: string, expected: Value])[] = [
  ['cidrsubnet("10.0.0.0/16", 8, 3)', '10.0.3.0/24'],
  ['cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', 'fd00:fd12:3456:7800:a200::/72'],
  ['cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)', ['10.1.0.0/20', '10.1.16.0/20', '10.1.32.0/24', '10.1.48.0/20']],
  ['cidrhost("10.12.112.0/20", 16)', '10.12.112.16'],
  ['cidrhost("10.12.112.0/20", -1)', '10.12.127.255'],
  ['cidrnetmask("172.16.0.0/12")', '255.240.0.0'],
  [
    'jsonencode({ b = 1, a = "<x>&", c = [true, null] })',
    '{"a":"\\u003cx\\u003e\\u0026","b":1,"c":[true,null]}',
  ],
  ['jsonencode({ "n" = 1e21, "s" = "\\u2028" })', '{"n":1000000000000000000000,"s":"\\u2028"}'],
  // One type for both results, for all elements: numbers and bools beside strings become strings, at any depth.
  ['true ? [1] : ["a"]', ['1']],
  ['true ? [1, null] : ["a", "b"]', ['1', null]],
  ['true ? { a = [1] } : { a = ["x"] }', { a: ['1'] }],
  ['true ? { a = 1 } : { b = "x" }', { a: '1' }],
  ['true ? [{ a = 1 }] : [{ a = "x" }, { a = "y" }]', [{ a: '1' }]],
  ['true ? { x = { a = 1, b = ["y"] } } : {}', { x: { a: 1, b: ['y'] } }],
  ['tolist([{ a = 1 }, { b = "x" }])', [{ a: '1' }, { b: 'x' }]],
  ['setsubtract([1, 2], ["1"])', ['2']],
  ['distinct([1, "1"])', ['1']],
  ['"1" ? "yes" : "no"', 'yes'],
  ['tobool("0")', false],
  ['regex("\\\\pL+", "1h\u00e9")', 'hé'],
  ['regex("\\\\p{Greek}+", "ab\u03b1\u03b2")', 'αβ'],
  ['regex("^.$", "😀")', '😀'],
  ['regex("[]a]+[[:^alpha:]]", "x]a1")', ']a1'],
  ['regex("(?U)a+", "aaa")', 'a'],
  ['regex("a\\\\Q.b\\\\E", "aab a.b")', 'a.b'],
  ['regex("a(?i)b|c", "aC C")', 'C'],
  ['regexall("(?m)^\\\\w+$", "ab\\ncd")', ['ab', 'cd']],
  ['regexall("a*", "baac")', ['', 'aa', '']],
  ['replace("baac", "/a*/", "x")', 'xbxcx'],
  ['upper("stra\u00dfe")', 'STRAßE'],
  ['title("o\'neil a_b")', "O'Neil A_b"],
  ['"e\\u0301" == "\\u00e9"', true],
  ['format("%05s", "ab")', '000ab'],
  ['jsondecode("{\\"a\\":[1,{\\"b\\":null}]}")', { a: [1, { b: null }] }],
  ['join("-", ["a", "b"], ["c"])', 'a-b-c'],
  ['split(",", "a,,b")', ['a', '', 'b']],
  ['split(",", "")', ['']],
  ['format("%s has %d of %05.1f%%", "x", 3, 2.345)', 'x has 3 of 002.3%'],
  [
    'format("%5s|%-5s|%05d|%q|%v|%x|%t", "a", "b", 42, "q\\"", [1, 2], 255, true)',
    '    a|b    |00042|"q\\""|[1,2]|ff|true',
  ],
  ['format("%#v %v %v", { a = 1 }, 1.5, "s")', '{"a":1} 1.5 s'],
  [
    'format("%6.3g|%e|%g|%G|%+d|% d|%#x|%b", 3.14159, 12345.678, 1e10, 1e-10, 5, 5, 255, 5)',
    '  3.14|1.234568e+04|1e+10|1E-10|+5| 5|0xff|101',
  ],
  ['format("%[2]s-%[1]s", "a", "b")', 'b-a'],
  ['formatlist("%s-%s", ["a", "b"], "x")', ['a-x', 'b-x']],
  ['replace("hello world", "o", "0")', 'hell0 w0rld'],
  ['replace("hello world", "/w.*d/", "you")', 'hello you'],
  ['replace("a-b", "/(?P<x>\\\\w)-(\\\\w)/", "$2-$${x}")', 'b-a'],
  ['regex("[a-z]+", "53453453.345345aaabbbccc23454")', 'aaabbbccc'],
  ['regex("(\\\\d+)-(\\\\d+)", "12-34")', ['12', '34']],
  [
    'regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<host>[^/]*))?", "https://x.org/y")',
    { scheme: 'https', host: 'x.org' },
  ],
  ['regexall("[[:digit:]]+", "a1b22")', ['1', '22']],
  ['lookup({ a = "x" }, "b", "d")', 'd'],
  ['element(["a", "b", "c"], 4)', 'b'],
  ['merge({ a = 1, b = 2 }, null, { b = 3 })', { a: 1, b: 3 }],
  ['concat(["a"], [], ["b", "c"])', ['a', 'b', 'c']],
  ['flatten([["a", ["b"]], [], "c"])', ['a', 'b', 'c']],
  ['distinct(["a", "b", "a"])', ['a', 'b']],
  ['tolist(toset(["b", "a", "b"]))', ['a', 'b']],
  ['tolist([1, "a", true])', ['1', 'a', 'true']],
  ['tomap({ a = 1, b = "x" })', { a: '1', b: 'x' }],
  ['[tostring(1.50), tonumber("2.5"), tobool("true"), tostring(null)]', ['1.5', 2.5, true, null]],
  ['try(jsondecode("{").x, "fallback")', 'fallback'],
  ['[can(tonumber("x")), can(1)]', [false, true]],
  ['coalesce(null, "", "b")', 'b'],
  ['coalescelist([], ["x"])', ['x']],
  ['compact(["a", "", null, "b"])', ['a', 'b']],
  ['[contains(["a"], "a"), contains(["a"], "b")]', [true, false]],
  [
    '[keys({ b = 1, a = 2 }), values({ b = 1, a = 2 })]',
    [
      ['a', 'b'],
      [2, 1],
    ],
  ],
  ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
  ['[length("héllo"), length([1, 2]), length({ a = 1 })]', [5, 2, 1]],
  [
    '[lower("ABC"), upper("abc"), title("hello woRld-foo bar_baz")]',
    ['abc', 'ABC', 'Hello WoRld-Foo Bar_baz'],
  ],
  [
    '[trim("?!hi?!", "!?"), trimprefix("hello", "he"), trimsuffix("hello", "lo"), trimspace("  a\\n")]',
    ['hi', 'llo', 'hel', 'a'],
  ],
  ['[substr("hello", 1, 3), substr("hello", -3, 2), substr("hello", 2, -1)]', ['ell', 'll', 'llo']],
  ['[max(1, 3, 2), min(1, 3, 2), ceil(1.2), floor(-1.2), abs(-3)]', [3, 1, 2, -2, 3]],
  ['[parseint("ff", 16), parseint("-101", 2)]', [255, -5]],
  ['[base64encode("héllo"), base64decode("aGk=")]', ['aMOpbGxv', 'hi']],
  ['[sha1("a"), md5("a")]', ['86f7e437faa5a7fce15d1ddcb9eaeaea377667b8', '0cc175b9c0f1b6a831c399e269772661']],
  ['base64sha256("a")', 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='],
  ['urlencode("a b&c/é!*")', 'a+b%26c%2F%C3%A9%21%2A'],
  ['sort(["b", "a", "B"])', ['B', 'a', 'b']],
  ['reverse([1, 2])', [2, 1]],
  [
    '[range(3), range(1, 8, 3), range(3, 0)]',
    [
      [0, 1, 2],
      [1, 4, 7],
      [3, 2, 1],
    ],
  ],
  [
    'setproduct(["a", "b"], [1, 2])',
    [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['b', 2],
    ],
  ],
  ['[for s in setunion(["b"], ["a"]) : s]', ['a', 'b']],
  ['[for s in setsubtract(["a", "b"], ["b"]) : s]', ['a']],
  ['[for s in setintersection(["a", "b"], ["b", "c"]) : s]', ['b']],
  ['[startswith("ab", "a"), endswith("ab", "b"), strcontains("abc", "b")]', [true, true, true]],
  ['[one([]), one(["x"]), sum([1, 2.5])]', [null, 'x', 3.5]],
  ['nonsensitive(sensitive("x"))', 'x'],
  ['textdecodebase64(textencodebase64("hi", "UTF-16LE"), "UTF-16LE")', 'hi'],
  ['[slice(["a", "b", "c"], 1, 2), chunklist([1, 2, 3], 2)]', [['b'], [[1, 2], [3]]]],
  ['transpose({ a = ["1", "2"], b = ["2"] })', { 1: ['a'], 2: ['a', 'b'] }],
  ['[alltrue([true, "true"]), anytrue([false]), index(["a", "b"], "b")]', [true, false, 1]],
  ['matchkeys(["i1", "i2"], ["a", "b"], ["b"])', ['i2']],
  ['[strrev("abc"), chomp("a\\r\\n\\n"), indent(2, "a\\nb")]', ['cba', 'a', 'a\n  b']],
  ['[pow(2, 10), signum(-4), log(100, 10)]', [1024, -1, 2]],
  ['[basename("/a/b.c"), dirname("/a/b.c")]', ['b.c', '/a']],
  ['[1 + 2 * 3, 7 / 2, -7 % 3, 0.1 + 0.2, 1 == 1.0, "1" == 1]', [7, 3.5, -1, 0.3, true, false]],
  ['[true && !false, 1 < 2 || false, 3 >= 4]', [true, true, false]],
  ['"%{ for x in ["a", "b"] ~} ${x}, %{ endfor ~} end"', 'a, b, end'],
  ['"%{ if 1 > 2 }yes%{ else }no%{ endif }"', 'no'],
  ['{ for k, v in { a = 1, b = 2 } : upper(k) => v if v > 1 }', { B: 2 }],
  ['{ for s in ["aa", "b", "ac"] : substr(s, 0, 1) => s... }', { a: ['aa', 'ac'], b: ['b'] }],
  ['[{ n = { x = 1 } }, { n = { x = 2 } }][*].n.x', [1, 2]],
  ['[{ n = [1, 2] }].*.n[0]', [1, 2]],
  ['[true ? 1 : "a", false ? 1 : 2]', ['1', 2]],
  ['"${1e-7} ${1e21} ${2.50} $${x}"', '0.0000001 1000000000000000000000 2.5 ${x}'],
  ['max([1, 5, 2]...)', 5],
]

test('functions and operators give the values of the table', () => {
  for (const [expression, expected] of table) assert.deepEqual(value(expression), expected, expression)
})

const terraform = spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0

test('Terraform gives the values of the table, too', {
  skip: !terraform && 'NO TERRAFORM ON THIS MACHINE: the table was not compared',
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-console-'))
  try {
    await writeFile(join(folder, 'terraformrc'), '')
    const all = `jsonencode([${table.map(([expression]) => expression).join(', ')}])`
    const printed = await run('terraform', ['console'], { folder, input: all.replaceAll('\n', ' ') })
    const theirs: Value = JSON.parse(
      JSON.parse(printed.trim().replaceAll('$${', '${').replaceAll('%%{', '%{')),
    )
    assert.ok(Array.isArray(theirs))
    for (const [index, [expression, expected]] of table.entries())
      assert.deepEqual(theirs[index], expected, expression)
  } finally {
    await rm(folder, { recursive: true })
  }
})

function run(command: string, args: string[], options: { folder: string; input: string }): Promise<string> {
  const env = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: join(options.folder, 'terraformrc'),
  }
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd: options.folder, env }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr, { cause: error })) : resolve(stdout),
    )
    child.stdin?.end(options.input)
  })
}

// https://developer.hashicorp.com/terraform/language/functions/file reads any file; here the folder may be a stranger's.
test('functions of files read nothing outside of the folder of the stack, through a link neither', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-functions-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'inside.txt'), 'inside')
  await symlink('/etc/hostname', join(folder, 'link.txt'))
  await symlink('inside.txt', join(folder, 'good.txt'))
  const inFolder = { ...scope, functions: { ...scope.functions, folder } }
  const read = (expression: string) => toValue(evaluateString(`\${${expression}}`, inFolder))
  assert.equal(read('file("./good.txt")'), 'inside')
  assert.equal(read(`file("${join(folder, 'inside.txt')}")`), 'inside')
  for (const path of ['/etc/passwd', '../../../../../../etc/passwd', 'link.txt', '/proc/self/environ', '..'])
    for (const name of ['file', 'filebase64', 'filesha256', 'fileexists'])
      assert.throws(() => read(`${name}("${path}")`), /is outside of the stack's folder/, `${name} ${path}`)
})

test('functions of files read from the folder of the stack', () => {
  assert.equal(value('fileexists("time.ts")'), true)
  assert.equal(value('fileexists("none.ts")'), false)
  assert.equal(value('sha256(file("time.ts")) == filesha256("time.ts")'), true)
  assert.equal(value('base64sha256(file("time.ts")) == filebase64sha256("time.ts")'), true)
  assert.throws(() => value('file("none.ts")'), /There is no file/)
})

test('timestamp is the clock’s', () => assert.equal(value('timestamp()'), '2024-02-03T04:05:06Z'))

/** Expression, and what its error says. */
const errors: readonly (readonly [expression: string, message: RegExp])[] = [
  ['nofunction(1)', /There is no function "nofunction"/],
  ['templatefile("x", {})', /templatefile is not rehearsed here/],
  ['upper()', /upper\(\) takes 1 arguments, not 0/],
  ['upper(["a"])', /upper\(\): Argument 1 must be a string, not a list/],
  ['upper(null)', /An argument of upper\(\) is null/],
  ['cidrsubnet("10.0.0.0/16", 2, 4)', /Prefix extension of 2 does not accommodate a subnet numbered 4/],
  ['cidrhost("10.0.0.0/30", 4)', /Prefix of 30 does not accommodate a host numbered 4/],
  ['cidrnetmask("fd00::/8")', /IPv6 addresses cannot have a netmask: fd00::\/8/],
  ['cidrsubnets("10.0.0.0/16", 0)', /Must extend prefix by at least one bit/],
  ['cidrsubnets("10.0.0.0/30", 3)', /Would extend prefix to 33 bits, which is too long for an IPv4 address/],
  [
    'cidrsubnets("10.0.0.0/16", 1, 1, 1)',
    /Not enough remaining address space for a subnet with a prefix of 17 bits after 10\.0\.128\.0\/17/,
  ],
  ['cidrhost("10.0.0.0", 1)', /Invalid CIDR expression: invalid CIDR address: 10\.0\.0\.0/],
  ['regex("[z-a]", "x")', /Invalid regexp pattern: invalid character class range in z-a/],
  ['cidrsubnet("10.0.0.0/30", 8, 0)', /Insufficient address space to extend prefix of 30 by 8/],
  ['["a"][1]', /there is no element 1/],
  ['{ a = 1 }.b', /There is no attribute "b"\. There are: a\./],
  ['toset(["a"])[0]', /Elements of a set have no index/],
  ['1 / 0', /The divisor is zero/],
  ['"x" + 1', /A number is required, not "x"/],
  ['"a ${["b"]}"', /The value is a list, and only strings/],
  ['{ for s in ["a", "a"] : s => s }', /Two elements have the key "a"/],
  ['1 +', /An expression is expected, but there is "}"/],
  ['tobool("yes")', /A bool is required, not "yes"/],
  ['true ? { a = 1, b = ["x"] } : {}', /They must be of one type, and are a number and a list/],
  ['true ? 1 : true', /are a number and a bool/],
  ['tolist([1, {}])', /tolist\(\): They must be of one type/],
  ['regex("a(?=b)", "ab")', /Invalid regexp pattern: invalid or unsupported Perl syntax in \(\?=/],
  ['regex("(a)\\\\1", "aa")', /Invalid regexp pattern: invalid escape sequence in \\1/],
  ['regex("(?P<a>a)(b)", "ab")', /both named and unnamed groups/],
  ['tonumber(" 1")', /A number is required, not " 1"/],
  ['9007199254740993', /more digits than the emulator can keep/],
  ['jsondecode("[12345678901234567890]")', /more digits than the emulator can keep/],
  ['base64decode("/w==")', /no UTF-8/],
  ['concat(["a"], toset(["b"]))', /is a set, whose elements have no order/],
  ['range(1, 5, -1)', /5 is not reached by -1/],
  ['indent(-1, "a")', /It is negative/],
  ['try(tonumber("x"))', /none of its expressions succeeded/],
]

test('errors say what is wrong and quote the expression', () => {
  for (const [expression, message] of errors) {
    assert.throws(
      () => value(expression),
      (error) => {
        assert.ok(error instanceof ExpressionError, expression)
        assert.match(error.message, message)
        assert.equal(error.expression, `\${${expression}}`)
        return true
      },
    )
  }
})
