import type { Model } from './model';

let model: Model | undefined;

/** The model, read at the first call: whoever only uses types or options never pays for it. */
export function loadModel(): Model {
  model ??= require('./model.json') as Model;
  return model;
}
