/** CodeDeploy's API for applications, deployment groups and deployment configurations. */
import type * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../../protocol/operations.ts'
import { invalidName } from '../model/errors.ts'
import type { Journal } from '../model/journal.ts'
import type { Group } from '../model/model.ts'
import { batch, paginate } from '../model/paging.ts'
import type { State } from '../model/state.ts'
import type { ResourceTags } from '../model/tags.ts'
import { applicationInfo, configurationInfo, groupInfo } from '../model/views.ts'

export function groupOperations(
  { state, journal }: { state: State; journal: Journal },
  tags: Pick<ResourceTags, 'put'>,
) {
  const info = (group: Group) => groupInfo(group, journal.ofGroup(group.deploymentGroupId))
  return {
    CreateApplication: (input) => {
      checkName('Application', input.applicationName)
      const { id } = state.createApplication(input.applicationName, input.computePlatform)
      tags.put(id, input.tags)
      return { applicationId: id }
    },
    GetApplication: (input) => ({ application: applicationInfo(state.application(input.applicationName)) }),
    ListApplications: (input) => {
      const names = state.applications().map((application) => application.name)
      const { page, nextToken } = paginate(names, input.nextToken, 100)
      return { applications: page, nextToken }
    },
    BatchGetApplications: (input) => ({
      applicationsInfo: batch(input.applicationNames, 100).map((name) =>
        applicationInfo(state.application(name)),
      ),
    }),
    UpdateApplication: (input) => {
      const { name } = state.application(input.applicationName)
      checkName('Application', input.newApplicationName)
      if (input.newApplicationName && input.newApplicationName !== name) {
        state.renameApplication(name, input.newApplicationName)
      }
      return {}
    },
    DeleteApplication: (input) => {
      state.deleteApplication(input.applicationName)
      return {}
    },
    CreateDeploymentGroup: (input) => {
      checkName('DeploymentGroup', input.deploymentGroupName)
      const { deploymentGroupId } = state.createGroup(input)
      tags.put(deploymentGroupId, input.tags)
      return { deploymentGroupId }
    },
    GetDeploymentGroup: (input) => ({
      deploymentGroupInfo: info(state.group(input.applicationName, input.deploymentGroupName)),
    }),
    ListDeploymentGroups: (input) => {
      const names = state.groups(input.applicationName).map((group) => group.deploymentGroupName)
      const { page, nextToken } = paginate(names, input.nextToken, 100)
      return { applicationName: input.applicationName, deploymentGroups: page, nextToken }
    },
    BatchGetDeploymentGroups: (input) => {
      const groups = state.groups(input.applicationName)
      const requested = batch(input.deploymentGroupNames, 100)
      const missing = requested.filter((name) => !groups.some((group) => group.deploymentGroupName === name))
      return {
        deploymentGroupsInfo: groups
          .filter((group) => requested.includes(group.deploymentGroupName))
          .map(info),
        ...(missing.length > 0
          ? { errorMessage: `No Deployment Group found for name: ${missing.join(', ')}` }
          : {}),
      }
    },
    UpdateDeploymentGroup: (input) => {
      const { applicationName, currentDeploymentGroupName, newDeploymentGroupName, ...changes } = input
      const group = state.group(applicationName, currentDeploymentGroupName)
      state.updateGroup(group, {
        ...changes,
        ...(newDeploymentGroupName ? { deploymentGroupName: newDeploymentGroupName } : {}),
      })
      return { hooksNotCleanedUp: [] }
    },
    DeleteDeploymentGroup: (input) => {
      state.deleteGroup(input.applicationName, input.deploymentGroupName)
      return { hooksNotCleanedUp: [] }
    },
    CreateDeploymentConfig: (input) => {
      checkName('DeploymentConfig', input.deploymentConfigName)
      const { id } = state.createConfiguration(
        input.deploymentConfigName,
        input.computePlatform,
        input.trafficRoutingConfig,
      )
      return { deploymentConfigId: id }
    },
    GetDeploymentConfig: (input) => ({
      deploymentConfigInfo: configurationInfo(state.configuration(input.deploymentConfigName)),
    }),
    ListDeploymentConfigs: (input) => {
      const names = state.configurations().map((configuration) => configuration.name)
      const { page, nextToken } = paginate(names, input.nextToken, 100)
      return { deploymentConfigsList: page, nextToken }
    },
    DeleteDeploymentConfig: (input) => {
      state.deleteConfiguration(input.deploymentConfigName)
      return {}
    },
  } satisfies Operations<typeof codedeploy>
}

function checkName(what: Parameters<typeof invalidName>[0], name: string | undefined): void {
  if ((name?.length ?? 0) > 100) throw invalidName(what, name ?? '')
}
