import { isDateTime } from '../records/dates.js';
import type { FaultReport } from './check-bundle.js';
import { clinicalDateElement } from './clinical-date.js';
import { ELEMENT_RULES, type ElementRules } from './element-rules.js';
import { childrenOf, isMembers, type JsonMembers } from './json-path.js';
import {
  isResourceType,
  NOT_RECORDS,
  resourceTypeIgnoringCase,
  type ResourceType,
} from './resource-types.js';

const RESOURCE_ID = /^[A-Za-z0-9.-]{1,64}$/;
const CHOICE = /^(\w+)\[(.+)\]$/;

/** Reports what keeps `resource` from being a record: type, id, required elements, status, subject, clinical date. */
export function checkResource(resource: unknown, path: string, report: FaultReport): void {
  if (!isMembers(resource)) {
    report(path, 'must be an object');
    return;
  }
  const type = resource.resourceType;
  if (!isResourceType(type)) {
    reportType(type, path, report);
    return;
  }
  if (NOT_RECORDS.has(type)) {
    report(`${path}.resourceType`, `is ${type}, which is no record; register what it carries`);
    return;
  }
  checkId(resource.id, path, report);
  checkContained(resource.contained, path, report);
  checkElements(resource, type, path, report);
  checkDate(resource, path, report);
}

function reportType(type: unknown, path: string, report: FaultReport): void {
  const meant = resourceTypeIgnoringCase(type);
  const hint = meant === undefined ? '' : `; write "${meant}"`;
  const rule = type === undefined ? 'is required' : `must be a resource type of FHIR R4${hint}`;
  report(`${path}.resourceType`, rule);
}

function checkId(id: unknown, path: string, report: FaultReport): void {
  if (id === undefined || (typeof id === 'string' && RESOURCE_ID.test(id))) return;
  report(`${path}.id`, 'must be 1 to 64 letters, digits, "-" and "."');
}

function checkContained(contained: unknown, path: string, report: FaultReport): void {
  if (contained !== undefined && !Array.isArray(contained)) report(`${path}.contained`, 'must be an array');
  for (const { value, path: at } of childrenOf(contained, `${path}.contained`)) {
    if (!isMembers(value)) report(at, 'must be an object');
    else if (!isResourceType(value.resourceType)) reportType(value.resourceType, at, report);
  }
}

function checkElements(resource: JsonMembers, type: ResourceType, path: string, report: FaultReport): void {
  const rules = ELEMENT_RULES[type];
  if (rules === undefined) return;
  for (const element of rules.required) checkRequired(resource, element, path, report);
  checkStatus(resource.status, rules, path, report);
  if (rules.subject !== undefined) {
    checkSubject(resource[rules.subject], `${path}.${rules.subject}`, report);
  }
}

function checkRequired(resource: JsonMembers, element: string, path: string, report: FaultReport): void {
  const choice = CHOICE.exec(element);
  if (choice === null) {
    if (isAbsent(resource[element])) report(`${path}.${element}`, 'is required');
    return;
  }
  const [, name = '', names = ''] = choice;
  const alternatives = names.split('|');
  const present = alternatives.filter((alternative) => !isAbsent(resource[alternative]));
  if (present.length === 0) {
    report(`${path}.${name}[x]`, `is required: one of ${alternatives.join(', ')}`);
  } else if (present.length > 1) {
    report(`${path}.${name}[x]`, `must be given once, not as ${present.join(' and ')}`);
  }
}

function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function checkStatus(status: unknown, rules: ElementRules, path: string, report: FaultReport): void {
  if (rules.statuses === undefined || isAbsent(status)) return;
  if (typeof status === 'string' && rules.statuses.includes(status)) return;
  report(`${path}.status`, `must be one of ${rules.statuses.join(', ')}`);
}

function checkSubject(subject: unknown, path: string, report: FaultReport): void {
  if (!isMembers(subject)) {
    report(path, 'is required: a reference that says whose record this is');
  } else if (isAbsent(subject.reference) && !isMembers(subject.identifier)) {
    report(path, 'must have a reference or an identifier');
  } else if (!isAbsent(subject.reference) && typeof subject.reference !== 'string') {
    report(`${path}.reference`, 'must be a string');
  }
}

function checkDate(resource: JsonMembers, path: string, report: FaultReport): void {
  const element = clinicalDateElement(resource);
  if (element === undefined || isDateTime(element.value)) return;
  report(
    `${path}.${element.name}`,
    'must be a FHIR date or dateTime, such as 2024-03-01 or 2024-03-01T09:30:00Z',
  );
}
