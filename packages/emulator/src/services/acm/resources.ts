/** Certificate Manager's Terraform resource types. */
import { X509Certificate } from 'node:crypto'
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import { requestCertificate } from './request.ts'
import { type AcmState, type Certificate, validationRecords } from './state.ts'

/** How long the provider waits for a certificate to be issued, and how often it looks. */
const validationTimeoutMs = 75 * 60 * 1000
const validationIntervalMs = 5000
/** A record that is still missing is added by the same apply, which takes little time here. */
const waitLimitMs = 10_000

export const createResourceTypes = (context: EmulatorContext, certificates: AcmState): ResourceType[] => [
  createCertificateType(context, certificates),
  createValidationType(context, certificates),
]

export const createDataSourceTypes = (certificates: AcmState): DataSourceType[] => [
  createCertificateDataSource(certificates),
]

function createCertificateType(context: EmulatorContext, certificates: AcmState): ResourceType {
  const { accountId } = context
  const attributesOf = (planned: Attributes, certificate: Certificate): Attributes => ({
    ...planned,
    id: certificate.arn,
    arn: certificate.arn,
    domain_name: certificate.domainName,
    subject_alternative_names: [...certificate.names].sort(),
    key_algorithm: certificate.keyAlgorithm,
    status: certificate.issued === undefined ? 'PENDING_VALIDATION' : 'ISSUED',
    type: 'AMAZON_ISSUED',
    validation_emails: [],
    domain_validation_options: validationRecords(accountId, certificate.names).map(
      ({ domainName, name, value }) => ({
        domain_name: domainName,
        resource_record_name: name,
        resource_record_type: 'CNAME',
        resource_record_value: value,
      }),
    ),
    not_before:
      certificate.issued === undefined ? '' : validity(certificate.issued.cert).NotBefore.toISOString(),
    not_after:
      certificate.issued === undefined ? '' : validity(certificate.issued.cert).NotAfter.toISOString(),
    pending_renewal: false,
    renewal_eligibility: certificate.issued === undefined ? 'INELIGIBLE' : 'ELIGIBLE',
    renewal_summary: [],
    ...(certificate.tags === undefined ? {} : { tags_all: { ...certificate.tags } }),
  })
  return {
    type: 'aws_acm_certificate',
    attributes: {
      domain_name: implemented({ forceNew: true }),
      subject_alternative_names: implemented({ forceNew: true, computed: true, set: true }),
      validation_method: implemented({ forceNew: true, computed: true }),
      key_algorithm: ignored('every certificate here has an EC P-256 key', {
        forceNew: true,
        computed: true,
      }),
      early_renewal_duration: ignored('certificates are not renewed within the life of a rehearsal'),
      options: block(
        {
          certificate_transparency_logging_preference: ignored('there is no transparency log'),
          export: ignored('certificates are not exported', { computed: true }),
        },
        { maxItems: 1, computed: true },
      ),
      tags: ignored('tags have no effect on certificates'),
      tags_all: computed(),
      id: computed(),
      arn: computed(),
      domain_validation_options: computed(),
      status: computed(),
      type: computed(),
      validation_emails: computed(),
      not_before: computed(),
      not_after: computed(),
      pending_renewal: computed(),
      renewal_eligibility: computed(),
      renewal_summary: computed(),
    },
    create(planned, { region, address }) {
      if ((planned.validation_method ?? 'DNS') !== 'DNS') {
        throw new Error(`${address}: only DNS validation is rehearsed; set validation_method = "DNS"`)
      }
      const domainName = String(planned.domain_name)
      const others = Array.isArray(planned.subject_alternative_names) ? planned.subject_alternative_names : []
      const certificate = requestCertificate(context, certificates, {
        region,
        domainName,
        others: others.map(String),
        keyAlgorithm: text(planned.key_algorithm),
        tags: stringMap(planned.tags_all ?? planned.tags),
      })
      return attributesOf({ ...planned, validation_method: 'DNS' }, certificate)
    },
    async read(prior) {
      const certificate = await certificates.validate(String(prior.id))
      return certificate && attributesOf(prior, certificate)
    },
    update(planned, prior) {
      const certificate = certificates.all.get(String(prior.id))
      const tags = stringMap(planned.tags_all ?? planned.tags)
      if (certificate !== undefined) certificates.all.put(certificate.arn, { ...certificate, tags })
      return { ...prior, ...planned }
    },
    delete: (prior) => void certificates.all.delete(String(prior.id)),
  }
}

function createValidationType({ clock }: EmulatorContext, certificates: AcmState): ResourceType {
  return {
    type: 'aws_acm_certificate_validation',
    attributes: {
      certificate_arn: implemented({ forceNew: true }),
      validation_record_fqdns: implemented({ forceNew: true, set: true }),
      timeouts: ignored('a certificate is issued at once, or its validation records are missing'),
      id: computed(),
    },
    async create(planned, { signal, address, accountId }) {
      const arn = String(planned.certificate_arn)
      const given = Array.isArray(planned.validation_record_fqdns)
        ? planned.validation_record_fqdns
        : undefined
      checkNames(certificates, arn, accountId, given?.map(String), address)
      const deadline = clock.now() + Math.min(clock.toReal(validationTimeoutMs), waitLimitMs)
      for (;;) {
        const certificate = await certificates.validate(arn)
        if (certificate?.issued !== undefined) {
          return { ...planned, id: new Date(certificate.issued.at).toISOString() }
        }
        if (certificate === undefined || clock.now() >= deadline)
          throw notValidated(certificates, arn, address)
        await clock.sleepAws(Math.min(validationIntervalMs, waitLimitMs), signal)
      }
    },
    // A time-out concerns only the making.
    update: (planned, prior) => ({ ...prior, ...planned }),
    read: (prior) =>
      certificates.all.get(String(prior.certificate_arn))?.issued === undefined ? undefined : prior,
  }
}

/** The provider refuses names of records that do not belong to the certificate. */
function checkNames(
  certificates: AcmState,
  arn: string,
  accountId: string,
  given: string[] | undefined,
  address: string,
): void {
  const certificate = certificates.all.get(arn)
  if (certificate === undefined) throw new Error(`${address}: there is no certificate ${arn}`)
  if (given === undefined) return
  const bare = (name: string) => name.replace(/\.$/, '').toLowerCase()
  const required = new Set(validationRecords(accountId, certificate.names).map(({ name }) => bare(name)))
  const absent = [...required].filter((name) => !given.map(bare).includes(name))
  const strange = given.map(bare).filter((name) => !required.has(name))
  if (absent.length > 0 || strange.length > 0) {
    throw new Error(
      `${address}: validation_record_fqdns does not match the certificate: missing [${absent.join(', ')}], ` +
        `unexpected [${strange.join(', ')}]; take the names from aws_acm_certificate.domain_validation_options`,
    )
  }
}

function notValidated(certificates: AcmState, arn: string, address: string): Error {
  const certificate = certificates.all.get(arn)
  if (certificate === undefined) return new Error(`${address}: the certificate ${arn} was deleted meanwhile`)
  const records = certificates.missing(certificate).map(({ name, value }) => `${name} CNAME ${value}`)
  return new Error(
    `${address}: the certificate for ${certificate.names.join(', ')} cannot be issued: Route 53 has no ` +
      `${records.join('; ')}. Create these records with aws_route53_record in the domain's hosted zone`,
  )
}

function createCertificateDataSource(certificates: AcmState): DataSourceType {
  return {
    type: 'aws_acm_certificate',
    attributes: {
      domain: implemented({ computed: true }),
      statuses: implemented(),
      types: implemented({ set: true }),
      key_types: ignored('every certificate here has an EC P-256 key', { set: true }),
      most_recent: implemented({ default: false }),
      tags: ignored('tags are not searched', { computed: true }),
      id: computed(),
      arn: computed(),
      status: computed(),
      certificate: computed(),
      certificate_chain: computed(),
    },
    async read(config, { region }) {
      const statuses = Array.isArray(config.statuses) ? config.statuses : ['ISSUED']
      const candidates = certificates.all.values().filter((one) => one.region === region)
      const validated = await Promise.all(candidates.map(({ arn }) => certificates.validate(arn)))
      const found = validated
        .filter((one) => one !== undefined)
        .filter((one) => config.domain == null || one.domainName === config.domain)
        .filter((one) => statuses.includes(one.issued === undefined ? 'PENDING_VALIDATION' : 'ISSUED'))
        .sort((a, b) => b.createdAt - a.createdAt)
      const [certificate] = found
      if (certificate === undefined)
        throw new Error(`no ${statuses.join('/')} certificate for ${config.domain} in ${region}`)
      if (found.length > 1 && config.most_recent !== true) {
        throw new Error(
          `${found.length} certificates for ${config.domain} in ${region}; set most_recent = true`,
        )
      }
      const [leaf = '', chain = ''] = certificate.issued?.cert.split(/(?<=-----END CERTIFICATE-----)\n/) ?? []
      return {
        ...config,
        id: certificate.arn,
        arn: certificate.arn,
        domain: certificate.domainName,
        status: certificate.issued === undefined ? 'PENDING_VALIDATION' : 'ISSUED',
        certificate: leaf,
        certificate_chain: chain,
      }
    },
  }
}

/** From when until when a certificate (PEM, leaf first) is valid. */
export function validity(pem: string): { NotBefore: Date; NotAfter: Date } {
  const { validFrom, validTo } = new X509Certificate(pem)
  return { NotBefore: new Date(validFrom), NotAfter: new Date(validTo) }
}
