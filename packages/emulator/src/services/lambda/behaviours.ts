/** What AWS documents of Lambda, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/lambda/latest/dg'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'keeps an execution environment for the next invocation',
      page: `${guide}/lambda-runtime-environment.html`,
      why: 'Each invocation has its own process and finds nothing of another one: every invocation is a cold start.',
    },
    {
      behaviour: 'runs the version of Node.js that the runtime names',
      page: `${guide}/lambda-runtimes.html`,
      why: 'All of them run on the Node.js of the emulator.',
    },
    {
      behaviour: 'ends a function that takes more memory than it has',
      page: `${guide}/configuration-memory.html`,
      why: 'The memory bounds the heap of JavaScript only.',
    },
    {
      behaviour: 'unpacks symbolic links of an archive',
      page: `${guide}/nodejs-package.html`,
      why: 'A link becomes a file that holds the path of its target, so that an archive reaches nothing outside of its folder.',
    },
    {
      behaviour: 'reaches a VPC through its subnets and security groups',
      page: `${guide}/configuration-vpc.html`,
      why: 'A function reaches every name of the emulator under its own name and port.',
    },
  ],
  missing: [
    {
      behaviour: 'runs other languages, container images, code from S3, layers',
      page: `${guide}/lambda-runtimes.html`,
      why: 'Refused by name: hooks of a deployment are small functions in Node.js.',
    },
    {
      behaviour: 'is invoked by event sources and through function URLs',
      page: `${guide}/invocation-eventsourcemapping.html`,
      why: 'Refused by name.',
    },
    {
      behaviour: 'sends the result of an asynchronous invocation to a destination or a dead-letter queue',
      page: `${guide}/invocation-async-retain-records.html`,
      why: 'Refused by name; an event that fails for good is in the log of its function.',
    },
    {
      behaviour: 'limits how many invocations run at once',
      page: `${guide}/lambda-concurrency.html`,
      why: 'Every invocation starts.',
    },
    {
      behaviour: 'lets a function be invoked only by the principals that its policy names',
      page: `${guide}/access-control-resource-based.html`,
      why: 'Policies of functions are stored, not evaluated.',
    },
  ],
}
