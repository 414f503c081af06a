/** Certificate Manager's API. https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-acm'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import type { EmulatorContext } from '../../service.ts'
import { invalidNextToken, onlyDns, requestInProgress, resourceNotFound } from './errors.ts'
import { requestCertificate } from './request.ts'
import { validity } from './resources.ts'
import { type AcmState, type Certificate, validationRecords } from './state.ts'

export function createOperations(context: EmulatorContext, certificates: AcmState) {
  const { accountId } = context
  const find = (arn = ''): Certificate => {
    const certificate = certificates.all.get(arn)
    if (certificate === undefined) throw resourceNotFound(arn, accountId)
    return certificate
  }
  const detail = (certificate: Certificate): sdk.CertificateDetail => {
    const proven = new Set(certificates.missing(certificate).map(({ domainName }) => domainName))
    const { issued } = certificate
    return {
      CertificateArn: certificate.arn,
      DomainName: certificate.domainName,
      SubjectAlternativeNames: [...certificate.names],
      DomainValidationOptions: validationRecords(accountId, certificate.names).map(
        ({ domainName, name, value }) => ({
          DomainName: domainName,
          ValidationDomain: domainName,
          ValidationStatus:
            issued !== undefined || !proven.has(domainName) ? 'SUCCESS' : 'PENDING_VALIDATION',
          ValidationMethod: 'DNS',
          ResourceRecord: { Name: name, Type: 'CNAME', Value: value },
        }),
      ),
      Subject: `CN=${certificate.domainName}`,
      Issuer: 'Amazon',
      CreatedAt: new Date(certificate.createdAt),
      Status: issued === undefined ? 'PENDING_VALIDATION' : 'ISSUED',
      KeyAlgorithm: certificate.keyAlgorithm as sdk.KeyAlgorithm,
      Type: 'AMAZON_ISSUED',
      InUseBy: [],
      Options: { CertificateTransparencyLoggingPreference: certificate.transparency ?? 'ENABLED' },
      RenewalEligibility: issued === undefined ? 'INELIGIBLE' : 'ELIGIBLE',
      ...(issued === undefined ? {} : { IssuedAt: new Date(issued.at), ...validity(issued.cert) }),
    }
  }
  return {
    RequestCertificate(input, { region }) {
      const { DomainName = '', SubjectAlternativeNames = [], IdempotencyToken } = input
      if ((input.ValidationMethod ?? 'DNS') !== 'DNS') throw onlyDns()
      const again = certificates.all
        .values()
        .find(
          (one) =>
            IdempotencyToken !== undefined &&
            one.idempotencyToken === IdempotencyToken &&
            one.domainName === DomainName &&
            one.region === region,
        )
      const transparency = input.Options?.CertificateTransparencyLoggingPreference
      const made =
        again ??
        requestCertificate(context, certificates, {
          region,
          domainName: DomainName,
          others: SubjectAlternativeNames,
          keyAlgorithm: input.KeyAlgorithm,
          tags: tagMap(input.Tags),
          ...(IdempotencyToken === undefined ? {} : { idempotencyToken: IdempotencyToken }),
          ...(transparency === undefined ? {} : { transparency }),
        })
      return { CertificateArn: made.arn }
    },
    DeleteCertificate({ CertificateArn }) {
      certificates.all.delete(find(CertificateArn).arn)
      return {}
    },
    async GetCertificate({ CertificateArn = '' }) {
      find(CertificateArn)
      const { issued } = (await certificates.validate(CertificateArn)) ?? {}
      if (issued === undefined) throw requestInProgress(CertificateArn)
      const [leaf = '', chain = ''] = issued.cert.split(/(?<=-----END CERTIFICATE-----)\n/)
      return { Certificate: leaf, CertificateChain: chain }
    },
    UpdateCertificateOptions({ CertificateArn, Options }) {
      const transparency = Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED'
      certificates.all.put(CertificateArn ?? '', { ...find(CertificateArn), transparency })
      return {}
    },
    ListTagsForCertificate: ({ CertificateArn }) => ({
      Tags: Object.entries(find(CertificateArn).tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    }),
    AddTagsToCertificate({ CertificateArn = '', Tags }) {
      const certificate = find(CertificateArn)
      certificates.all.put(CertificateArn, { ...certificate, tags: { ...certificate.tags, ...tagMap(Tags) } })
      return {}
    },
    RemoveTagsFromCertificate({ CertificateArn = '', Tags = [] }) {
      const certificate = find(CertificateArn)
      const kept = Object.entries(certificate.tags ?? {}).filter(
        ([key]) => !Tags.some((tag) => tag.Key === key),
      )
      certificates.all.put(CertificateArn, { ...certificate, tags: Object.fromEntries(kept) })
      return {}
    },
    async DescribeCertificate({ CertificateArn = '' }) {
      const certificate = await certificates.validate(CertificateArn)
      if (certificate === undefined) throw resourceNotFound(CertificateArn, accountId)
      return { Certificate: detail(certificate) }
    },
    async ListCertificates({ CertificateStatuses, MaxItems = 100, NextToken }, { region }) {
      const own = certificates.all.values().filter((certificate) => certificate.region === region)
      const validated = await Promise.all(own.map(({ arn }) => certificates.validate(arn)))
      const details = validated
        .filter((certificate) => certificate !== undefined)
        .map(detail)
        .filter(
          ({ Status }) =>
            CertificateStatuses === undefined || CertificateStatuses.includes(Status ?? 'ISSUED'),
        )
      const { items, next } = pageOf(details, NextToken, MaxItems, invalidNextToken)
      return {
        CertificateSummaryList: items.map((certificate) => ({
          CertificateArn: certificate.CertificateArn,
          DomainName: certificate.DomainName,
          SubjectAlternativeNameSummaries: certificate.SubjectAlternativeNames,
          Status: certificate.Status,
          Type: certificate.Type,
          KeyAlgorithm: certificate.KeyAlgorithm,
          CreatedAt: certificate.CreatedAt,
        })),
        ...(next === undefined ? {} : { NextToken: next }),
      }
    },
  } satisfies Operations<typeof sdk>
}

const tagMap = (tags: readonly sdk.Tag[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
