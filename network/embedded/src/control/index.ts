export { controlRequest, readControlFile, type ControlAddress } from './control-client.js';
export { ControlServer } from './control-server.js';
