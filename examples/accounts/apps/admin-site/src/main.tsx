/** The admin site: everything but its name and colours is shared. */
import { startSite } from '@keencho/site-common'

startSite({
  audience: 'admin',
  title: 'Keencho Admin',
  korean: '관리자',
  introduction: 'People who run the platform.',
})
