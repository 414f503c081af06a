/** The API of the user site: accounts of users. */
import { runService } from '@keencho/service-core'

await runService({ name: 'user', table: 'user_account' })
