// One group, one file in vectors/.

import { accepted } from './accepted.mjs';
import { bodies } from './bodies.mjs';
import { eventsInvalid } from './events-invalid.mjs';
import { failedEvents } from './failed.mjs';
import { headers } from './headers.mjs';
import { order } from './order.mjs';
import { reserializedBodies } from './reserialized.mjs';
import { rotation } from './rotation.mjs';
import { secrets } from './secrets.mjs';
import { tampered } from './tampered.mjs';
import { unknownEvents } from './unknown.mjs';
import { window } from './window.mjs';

export const GROUPS = [
  ['accepted', accepted],
  ['failed', failedEvents],
  ['unknown', unknownEvents],
  ['headers', headers],
  ['window', window],
  ['order', order],
  ['secrets', secrets],
  ['rotation', rotation],
  ['tampered', tampered],
  ['bodies', bodies],
  ['events-invalid', eventsInvalid],
  ['reserialized', reserializedBodies],
];
