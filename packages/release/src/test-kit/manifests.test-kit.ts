/** For tests: the manifests that Terraform would leave of a platform, by the names of their parameters. */
import {
  type MigrationManifest,
  manifestParameter,
  type Platform,
  repositoryName,
  type ServiceManifest,
  type SiteManifest,
} from '@baton/config'

export type Manifest = ServiceManifest | SiteManifest | MigrationManifest

export function manifestsOf(platform: Platform): ReadonlyMap<string, Manifest> {
  const { name: cluster } = platform
  return new Map<string, Manifest>([
    ...platform.services.map(({ name }): [string, Manifest] => [
      manifestParameter(cluster, 'services', name),
      {
        cluster,
        service: name,
        templateFamily: `${cluster}-${name}-template`,
        family: `${cluster}-${name}`,
        containerName: 'app',
        containerPort: 8080,
        repository: repositoryName(platform, name),
        images: { app: repositoryName(platform, name) },
        controller: 'CODE_DEPLOY',
        codedeployApplication: cluster,
        codedeployDeploymentGroup: name,
        desiredCount: 1,
        scalableTarget: `service/${cluster}/${name}`,
        giveUpAfterMinutes: 10,
      },
    ]),
    ...platform.sites.map(({ name, host }): [string, Manifest] => [
      manifestParameter(cluster, 'sites', name),
      {
        bucket: 'sites',
        prefix: `${name}/`,
        keyValueStoreArn:
          'arn:aws:cloudfront::000000000000:key-value-store/11111111-2222-3333-4444-555555555555',
        pointerKey: host,
        host,
      },
    ]),
    [
      manifestParameter(cluster, 'migration'),
      {
        cluster,
        templateFamily: `${cluster}-migration-template`,
        family: `${cluster}-migration`,
        containerName: 'migrate',
        repository: `${cluster}/migrations`,
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-1'],
        assignPublicIp: false,
      },
    ],
  ])
}
