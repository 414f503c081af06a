/**
 * Passwords are kept as scrypt hashes that name their own parameters, so that the cost can rise without a
 * migration. The default cost (N = 2^10, 1 MB, about 3 ms of one core) is low on purpose: the sample product is
 * rehearsed on a laptop under dozens of new accounts a second. For a product set `PASSWORD_COST` to 17:
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 *
 * The work happens in libuv's thread pool, so requests go on meanwhile.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

const blockSize = 8
const parallelization = 1
const keyLength = 32

/** `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, both in base64. */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost, keyLength)
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64'), key.toString('base64')].join(
    '$',
  )
}

/** Whether `password` is the one that was hashed; false too for a hash of another kind. */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const [kind, cost, , , salt, expected] = hash.split('$')
  if (kind !== 'scrypt' || salt === undefined || expected === undefined) return false
  const key = Buffer.from(expected, 'base64')
  const actual = await derive(password, Buffer.from(salt, 'base64'), Number(cost), key.length)
  return timingSafeEqual(actual, key)
}

function derive(password: string, salt: Buffer, cost: number, length: number): Promise<Buffer> {
  const options = { N: 2 ** cost, r: blockSize, p: parallelization, maxmem: 256 * 2 ** cost * blockSize }
  return new Promise((resolve, reject) => {
    // Unicode has several spellings of one password; NFKC makes them one.
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
