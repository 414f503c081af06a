/** Certificate Manager's API, as far as it is implemented: Terraform requests certificates, clients read them. */
import type * as sdk from '@aws-sdk/client-acm'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalidNextToken, resourceNotFound } from './errors.ts'
import { validity } from './resources.ts'
import { type AcmState, type Certificate, validationRecords } from './state.ts'

export function createOperations(accountId: string, certificates: AcmState) {
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
      RenewalEligibility: issued === undefined ? 'INELIGIBLE' : 'ELIGIBLE',
      ...(issued === undefined ? {} : { IssuedAt: new Date(issued.at), ...validity(issued.cert) }),
    }
  }
  return {
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
