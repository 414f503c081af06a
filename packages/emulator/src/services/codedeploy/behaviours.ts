/** What AWS documents of CodeDeploy for ECS, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/codedeploy/latest/userguide'
const reference = 'https://docs.aws.amazon.com/codedeploy/latest/APIReference'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'deploys to instances, on-premises machines and Lambda functions',
      page: `${guide}/welcome.html`,
      why: 'The emulator has the ECS compute platform only; the others are refused by name.',
    },
    {
      behaviour: 'fails a deployment whose life-cycle event does not start within five minutes',
      page: `${guide}/limits.html#limits-deployments`,
      why: 'Nothing here keeps an event from starting: it begins in the turn in which the one before it ended.',
    },
    {
      behaviour: 'shows the life-cycle events of a rollback',
      page: `${guide}/deployments-rollback-and-redeploy.html`,
      why: 'Which ones is not documented: here it is AllowTraffic, over in the turn in which it starts, so that no request comes between the stop and the rollback, and a rollback cannot itself be stopped or rolled back.',
    },
    {
      behaviour: 'lets a deployment be Queued or Baking',
      page: `${reference}/API_DeploymentInfo.html`,
      why: 'There is no queue here, and AWS names no deployment to ECS that bakes: one is Created, InProgress, Ready, and then Succeeded, Failed or Stopped.',
    },
    {
      behaviour: 'leaves a task set that a failure without rollback left behind',
      page: `${guide}/deployment-steps-ecs.html#deployment-steps-what-happens`,
      why: 'The next Install gives its traffic back to the live group and removes it, since the new tasks need its target group; what AWS does then is not documented.',
    },
    {
      behaviour: 'waits an hour for tasks, five minutes for scaling, an hour for a hook’s answer',
      page: `${guide}/troubleshooting-ecs.html`,
      why: 'Compressed as all of AWS’s time, but tasks have at least a minute of real time to start, and a function its own running time, since no speed makes them faster.',
    },
    {
      behaviour: 'sends notifications of instance events',
      page: `${guide}/monitoring-sns-event-notifications.html`,
      why: 'A deployment to ECS has no instances; triggers for them are stored and never fire.',
    },
    {
      behaviour: 'takes a revision in a zip or tar archive',
      page: `${guide}/limits.html#limits-revisions`,
      why: 'The API’s reference names YAML and JSON for ECS, and so does the error that is answered.',
    },
    {
      behaviour: 'reads an AppSpec of any size',
      page: `${guide}/reference-appspec-file-structure.html#ecs-appspec-structure`,
      why: 'One of more than 16 KiB, or a hundred times the real thing in another way, is INVALID_REVISION: AWS documents no bound, and nothing else runs while it is read.',
    },
  ],
  missing: [
    {
      behaviour: 'fails with IAM_ROLE_PERMISSIONS where the service role may not do what a deployment needs',
      page: `${reference}/API_ErrorInformation.html`,
      why: 'Policies are stored, not evaluated.',
    },
    {
      behaviour: 'shifts the traffic of a Network Load Balancer',
      page: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations',
      why: 'The emulator has Application Load Balancers only.',
    },
    {
      behaviour: 'spreads the tasks of a set over the providers of its strategy by base and weight',
      page: `${guide}/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs`,
      why: 'A task set shows its strategy, and all of its tasks run in the same way on this machine.',
    },
  ],
}
