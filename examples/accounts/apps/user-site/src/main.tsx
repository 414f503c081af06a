/** The user site: everything but its name and colours is shared. */
import { startSite } from '@keencho/site-common'

startSite({
  audience: 'user',
  title: 'Keencho User',
  korean: '사용자',
  introduction: 'People who use the platform.',
})
