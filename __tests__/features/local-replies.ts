import { example } from '../examples';

export default example('localReplies', { every: {}, drawn: {} });
