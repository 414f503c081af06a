import { ref, testRules } from '../../rules.test-kit.ts'
import { imageRules } from './images.ts'

const runs = (image: string) => ({
  'aws_ecs_task_definition.admin': { container_definitions: JSON.stringify([{ name: 'admin', image }]) },
})
const data = { 'data.aws_ecr_repository.admin': { name: 'keencho/admin' } }
const made = (mutability: string) => ({
  'aws_ecr_repository.made': { name: 'keencho/admin', image_tag_mutability: mutability },
})
const template = `${ref('data.aws_ecr_repository.admin', 'repository_url')}:template`
const expire = (tagStatus: string) => ({
  'aws_ecr_lifecycle_policy.admin': {
    policy: JSON.stringify({ rules: [{ rulePriority: 1, selection: { tagStatus } }] }),
  },
})

testRules(imageRules, {
  'mutable-tags': {
    trips: { 'aws_ecr_repository.admin': {} },
    alsoTrips: [made('MUTABLE')],
    passes: {
      ...made('IMMUTABLE'),
      'aws_ecr_repository.other': { image_tag_mutability: 'IMMUTABLE_WITH_EXCLUSION' },
    },
  },
  'mutable-image': {
    trips: runs('nginx:latest'),
    says: /nginx:latest/,
    alsoTrips: [
      { ...runs(template), ...data, ...made('MUTABLE') },
      runs('nginx'),
      { ...runs(template), ...data },
    ],
    passes: { ...runs(template), ...data, ...made('IMMUTABLE') },
  },
  'image-expiry': { trips: expire('any'), alsoTrips: [expire('tagged')], passes: expire('untagged') },
  'image-scan': {
    trips: { 'aws_ecr_repository.admin': {} },
    passes: { 'aws_ecr_repository.admin': { image_scanning_configuration: [{ scan_on_push: true }] } },
  },
})
