/** The API of the admin site: accounts of administrators. */
import { runService } from '@keencho/service-core'

await runService({ name: 'admin', table: 'admin_account' })
