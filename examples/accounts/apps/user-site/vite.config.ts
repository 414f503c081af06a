import { siteConfig } from '@keencho/site-common/vite'

export default siteConfig()
