/** The platform of this repository, and an example of what a team writes. */
import { canary, definePlatform } from '@baton/config'

export default definePlatform({
  project: 'keencho',
  environment: 'production',
  region: 'ap-northeast-2',
  domain: 'keencho.com',

  network: { cidr: '10.0.0.0/16', zones: ['a', 'b'], nat: 'gateway-per-zone' },

  sites: {
    admin: { host: 'app-admin', source: './apps/admin-site', service: 'admin' },
    user: { host: 'app-user', source: './apps/user-site', service: 'user', countries: ['KR'] },
  },
  resources: { host: 'app-resources' },

  services: {
    admin: { source: './apps/admin-service', cpu: 512, memoryMiB: 1024, tasks: { min: 1, max: 4 } },
    user: { source: './apps/user-service', cpu: 512, memoryMiB: 1024, tasks: { min: 1, max: 4 } },
  },

  database: { name: 'keencho', migrations: './apps/migrations' },
  logs: { retentionDays: 30 },

  delivery: { shift: canary({ percent: 10, minutes: 5 }), terminationWaitMinutes: 1 },
})
