/**
 * Answers a DNS query from the hosted zones, as an authoritative server does: no recursion, names outside of the
 * zones REFUSED, negative answers with the zone's SOA (RFC 2308).
 *
 * Aliases answer 127.0.0.1, where the front door is; there is no AAAA address here, so AAAA aliases answer NODATA.
 */
import type { Answer, Packet, Question } from 'dns-packet'
import { absoluteName, isWithin, relativeName } from './names.ts'
import type { RecordSet, Route53State, Zone } from './state.ts'

/** https://www.iana.org/assignments/dns-parameters: response codes. */
const rcode = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 }
const authoritative = 1 << 10
const recursionDesired = 1 << 8
const opcodeBits = 0xf << 11
/** Alias records have no TTL; Route 53 uses the resource's: 60 s for load balancers and distributions. */
const aliasTtl = 60
const chainLimit = 8

export function answerQuery(zones: Route53State, query: Packet): Packet {
  const flags = (query.flags ?? 0) & recursionDesired
  const response = (code: number, sections: Partial<Packet> = {}): Packet => ({
    type: 'response',
    id: query.id ?? 0,
    flags: flags | (code === rcode.noError || code === rcode.nameError ? authoritative : 0) | code,
    questions: query.questions ?? [],
    ...sections,
  })
  if (((query.flags ?? 0) & opcodeBits) !== 0) return response(rcode.notImplemented)
  const [question, ...more] = query.questions ?? []
  if (question === undefined || more.length > 0) return response(rcode.formatError)
  const zone = zones.zoneOf(question.name)
  if (zone === undefined || (question.class ?? 'IN') !== 'IN') return response(rcode.refused)

  const { answers, exists } = collect(zones, zone, question)
  if (answers.length > 0) return response(rcode.noError, { answers })
  return response(exists ? rcode.noError : rcode.nameError, { authorities: soaOf(zones, zone) })
}

function collect(
  zones: Route53State,
  zone: Zone,
  { name, type }: Question,
): { answers: Answer[]; exists: boolean } {
  const answers: Answer[] = []
  let owner = absoluteName(name)
  for (let step = 0; step < chainLimit; step++) {
    const types = zones.lookup(owner)
    if (types === undefined) return { answers, exists: isEmptyNonTerminal(zones, zone, owner) }
    const cname = types.get('CNAME')
    const record = types.get(type)
    if (record !== undefined)
      return { answers: [...answers, ...toAnswers(relativeName(owner), record)], exists: true }
    if (cname === undefined || type === 'CNAME') return { answers, exists: true }
    answers.push(...toAnswers(relativeName(owner), cname))
    owner = absoluteName(cname.values[0] ?? cname.alias?.target ?? '')
    if (!isWithin(owner, zone.name)) return { answers, exists: true }
  }
  return { answers, exists: true }
}

/** `b.keencho.com` exists, without records, when `a.b.keencho.com` has some (RFC 8020). */
function isEmptyNonTerminal(zones: Route53State, zone: Zone, name: string): boolean {
  return zones.records(zone.id).some((record) => record.name.endsWith(`.${name}`))
}

function soaOf(zones: Route53State, zone: Zone): Answer[] {
  const soa = zones.record(zone.id, zone.name, 'SOA')
  return soa === undefined ? [] : toAnswers(relativeName(zone.name), soa)
}

function toAnswers(name: string, record: RecordSet): Answer[] {
  if (record.alias !== undefined) {
    return record.type === 'A' ? [{ type: 'A', name, ttl: aliasTtl, data: '127.0.0.1' }] : []
  }
  return record.values.flatMap((value) => toAnswer(name, record.type, record.ttl ?? 300, value) ?? [])
}

/** Types that the server can put on the wire; a record of another type is refused when it is made. */
export const answerableTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const

function toAnswer(name: string, type: string, ttl: number, value: string): Answer | undefined {
  const fields = value.trim().split(/\s+/)
  const [first = '', second = '', third = '', fourth = ''] = fields
  switch (type) {
    case 'A':
    case 'AAAA':
      return { type, name, ttl, data: value }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { type, name, ttl, data: relativeName(value) }
    case 'TXT':
      return { type, name, ttl, data: textStrings(value) }
    case 'MX':
      return { type, name, ttl, data: { preference: Number(first), exchange: relativeName(second) } }
    case 'SRV': {
      const data = {
        priority: Number(first),
        weight: Number(second),
        port: Number(third),
        target: relativeName(fourth),
      }
      return { type, name, ttl, data }
    }
    case 'CAA': {
      const tag = second === 'iodef' || second === 'issuewild' ? second : 'issue'
      return {
        type,
        name,
        ttl,
        data: { flags: Number(first), tag, value: fields.slice(2).join(' ').replace(/^"|"$/g, '') },
      }
    }
    case 'SOA': {
      const [serial, refresh, retry, expire, minimum] = fields.slice(2).map(Number)
      const data = {
        mname: relativeName(first),
        rname: relativeName(second),
        serial,
        refresh,
        retry,
        expire,
        minimum,
      }
      return { type, name, ttl, data }
    }
    default:
      return undefined
  }
}

/** A TXT value is one or more quoted strings: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html */
function textStrings(value: string): string[] {
  const quoted = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1'),
  )
  return quoted.length > 0 ? quoted : [value]
}
