import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-acm'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { createDomain, type EdgeEmulator, openEdgeEmulator } from '../../test-kit/edge-emulator.test-kit.ts'

let emulator: EdgeEmulator
before(async () => {
  emulator = await openEdgeEmulator({ speed: 20_000 })
})
after(() => emulator.close())

test('shares the validation record between regions, and between a domain and its wildcard', async () => {
  const options = async (domain_name: string, awsRegion: string) => {
    const certificate = await emulator.create('aws_acm_certificate', { domain_name }, { region: awsRegion })
    assert.match(String(certificate.arn), new RegExp(`^arn:aws:acm:${awsRegion}:000000000000:certificate/`))
    return (certificate.domain_validation_options as Attributes[])[0]
  }
  const here = await options('*.shared.com', 'ap-northeast-2')
  const there = await options('*.shared.com', 'us-east-1')
  const bare = await options('shared.com', 'us-east-1')
  assert.match(String(here?.resource_record_name), /^_[0-9a-f]{32}\.shared\.com\.$/)
  assert.match(String(here?.resource_record_value), /^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/)
  assert.deepEqual(there, here)
  assert.deepEqual({ ...bare, domain_name: '*.shared.com' }, here)
})

test('issues once Route 53 proves the names, and says what is missing before', async () => {
  const certificate = await emulator.create('aws_acm_certificate', { domain_name: '*.unproven.com' })
  const arn = String(certificate.arn)
  assert.equal(emulator.acm.material(arn), undefined)
  const wait = emulator.create('aws_acm_certificate_validation', { certificate_arn: arn })
  await assert.rejects(wait, /cannot be issued: Route 53 has no _[0-9a-f]{32}\.unproven\.com\. CNAME/)
  const strange = { certificate_arn: arn, validation_record_fqdns: ['_x.unproven.com'] }
  await assert.rejects(
    emulator.create('aws_acm_certificate_validation', strange),
    /does not match the certificate/,
  )

  const { certificateArn } = await createDomain(emulator, 'proven.com')
  const material = emulator.acm.material(certificateArn)
  assert.deepEqual(material?.names, ['*.proven.com'])
  const leaf = new X509Certificate(material?.cert ?? '')
  assert.equal(leaf.subjectAltName, 'DNS:*.proven.com')
  assert.ok(leaf.verify(new X509Certificate(emulator.context.authority.certificate).publicKey))
})

test('describes certificates of the region that is asked', async () => {
  const { certificateArn } = await createDomain(emulator, 'described.com')
  await using wire = await serveForTest([emulator.acm.api ?? assert.fail()])
  const client = new sdk.ACMClient({ ...wire.client, region: 'us-east-1' })
  const { Certificate } = await client.send(
    new sdk.DescribeCertificateCommand({ CertificateArn: certificateArn }),
  )
  assert.equal(Certificate?.Status, 'ISSUED')
  assert.equal(Certificate?.DomainValidationOptions?.[0]?.ValidationStatus, 'SUCCESS')
  const { CertificateSummaryList } = await client.send(
    new sdk.ListCertificatesCommand({ CertificateStatuses: ['ISSUED'] }),
  )
  assert.ok(CertificateSummaryList?.some((one) => one.CertificateArn === certificateArn))
  assert.ok(CertificateSummaryList?.every((one) => one.CertificateArn?.includes(':us-east-1:')))
  const invented = new sdk.ListCertificatesCommand({ NextToken: '-1' })
  await assert.rejects(client.send(invented), (error) => error instanceof sdk.InvalidArgsException)
  const missing = new sdk.DescribeCertificateCommand({ CertificateArn: `${certificateArn}0` })
  await assert.rejects(client.send(missing), (error) => error instanceof sdk.ResourceNotFoundException)
  client.destroy()
})
