/** The sites of the sample in front of two Spring Boot applications. */
import { canary, definePlatform } from '@baton/config'

/** Both applications: an executable jar on Java 17. */
const application = (name: 'admin' | 'user') => ({
  jar: {
    path: `./${name}/target/${name}.jar`,
    javaVersion: 17,
    // A task has half a vCPU: a JVM that compiles less, with the plain collector, is ready in half the time.
    jvmOptions: ['-XX:MaxRAMPercentage=75', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  },
  environment: { SPRING_DATASOURCE_URL: { from: 'database.jdbcUrl' as const } },
  memoryMiB: 1024,
  tasks: { min: 1, max: 4 },
  health: { path: '/api/health', gracePeriodSeconds: 120 },
})

export default definePlatform({
  project: 'keencho',
  environment: 'spring',
  region: 'ap-northeast-2',
  domain: 'keencho.com',

  sites: {
    admin: { host: 'app-admin', source: '../accounts/apps/admin-site', service: 'admin' },
    user: { host: 'app-user', source: '../accounts/apps/user-site', service: 'user' },
  },

  services: { admin: application('admin'), user: application('user') },

  database: {
    name: 'keencho',
    migrations: {
      jar: { path: './admin/target/admin.jar', javaVersion: 17 },
      environment: {
        SPRING_PROFILES_ACTIVE: 'migrate',
        SPRING_DATASOURCE_URL: { from: 'database.jdbcUrl' },
      },
    },
  },

  delivery: {
    shift: canary({ percent: 10, minutes: 5 }),
    terminationWaitMinutes: 1,
    // In a rehearsal these are 40 s, in which JVMs have to start that share two cores with the load.
    giveUpAfterMinutes: 40,
  },
})
