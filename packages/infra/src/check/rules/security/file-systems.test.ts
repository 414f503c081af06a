import { policy, ref, testRules } from '../../rules.test-kit.ts'
import { fileSystemRules } from './file-systems.ts'

const files = { 'aws_efs_file_system.logs': { encrypted: true } }
const granted = (...statements: object[]) => ({
  'aws_efs_file_system_policy.logs': {
    file_system_id: ref('aws_efs_file_system.logs'),
    policy: policy(...statements),
  },
  ...files,
})
const tls = { Bool: { 'aws:SecureTransport': 'true' } }
const mount = { Action: 'elasticfilesystem:ClientMount', Condition: tls }
const role = { AWS: 'arn:aws:iam::1:role/admin' }

testRules(fileSystemRules, {
  'file-system-policy': {
    trips: files,
    says: /no policy/,
    alsoTrips: [
      // TLS and the way by a mount target say nothing about who the client is.
      granted({ ...mount, Principal: { AWS: '*' } }),
      granted({
        ...mount,
        Principal: '*',
        Condition: {
          Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true', 'aws:SecureTransport': 'true' },
        },
      }),
      granted({ ...mount, Principal: role, Condition: {} }),
    ],
    passes: granted(
      { ...mount, Principal: role },
      {
        Effect: 'Deny',
        Action: 'elasticfilesystem:ClientMount',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ),
  },
})
