/** What AWS documents of Certificate Manager, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/acm/latest/userguide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'issues a certificate within minutes of its validation records',
      page: `${guide}/dns-validation.html`,
      why: 'It is issued as soon as Route 53 has the records.',
    },
    {
      behaviour: 'makes keys of the algorithm that was requested',
      page: `${guide}/acm-certificate-characteristics.html#algorithms-term`,
      why: 'Keys are EC P-256; the requested algorithm is stored and shown.',
    },
    {
      behaviour: 'is trusted by browsers and operating systems',
      page: `${guide}/acm-certificate-characteristics.html`,
      why: 'The emulator’s own authority issues the certificates; only its tasks, functions and clients trust it.',
    },
  ],
  missing: [
    {
      behaviour: 'validates a domain by e-mail',
      page: `${guide}/email-validation.html`,
      why: 'Refused by name: the emulator has no mailboxes.',
    },
    {
      behaviour: 'takes imported certificates, and those of a private authority',
      page: `${guide}/import-certificate.html`,
      why: 'Refused by name.',
    },
    {
      behaviour: 'renews a certificate before it expires',
      page: `${guide}/managed-renewal.html`,
      why: 'A certificate is valid longer than an emulator runs.',
    },
  ],
}
