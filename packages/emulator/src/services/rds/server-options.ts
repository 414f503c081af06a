/** What PostgreSQL is started with, from an instance and its parameter group. */
import { processMark } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import type { ServerOptions } from './postgres-server.ts'
import type { InstanceRecord, RdsState } from './state.ts'

/** How the server of an instance is started: its data, its certificate, and the parameters of its group. */
export function serverOptions(
  context: EmulatorContext,
  state: RdsState,
  instance: InstanceRecord,
): ServerOptions {
  const group = state.parameterGroups.get(instance.parameterGroup)
  const parameters = Object.fromEntries((group?.parameters ?? []).map(({ name, value }) => [name, value]))
  return {
    dataDir: instance.dataDir,
    awsPort: instance.port,
    adminPassword: instance.adminPassword,
    certificate: instance.certificate,
    mark: processMark(context.stateDir, 'database'),
    // On by default since PostgreSQL 15.
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
    forceSsl: (parameters['rds.force_ssl'] ?? '1') === '1',
    // Parameters of RDS itself, and formulas over the sizes of its machines, do not apply to this server.
    parameters: Object.fromEntries(
      Object.entries(parameters).filter(([name, value]) => !name.startsWith('rds.') && !value.includes('{')),
    ),
  }
}
