// What the wall says of the pager's own audit. Pure; twin of `trouble` in web/pages/wall.py.
import { hours, span } from "./clock.js";
import { t } from "./words.js";

const OLD_S = 180; // twin of AUDIT_MOST_S in web/audit.py

const what = ({ rule, code }) => t(`wall.audit.${rule}`, { code });

// The banner, empty while all is well.
export function trouble(audit, zone) {
  if (!audit) return "";
  if (audit.age_s > OLD_S) return t("wall.audit.stale", { span: span(audit.age_s * 1000) });
  if (!audit.first) return "";
  const first = what(audit.first);
  const says = audit.found > 1 ? t("wall.audit.more", { what: first, n: audit.found - 1 }) : first;
  return t("wall.audit.since", { what: says, at: hours(Date.parse(audit.first.at), zone) });
}

// What was put right a short while ago, empty when nothing was.
export function cleared(audit, zone) {
  if (!audit?.cleared || trouble(audit, zone)) return "";
  return t("wall.audit.cleared", { what: what(audit.cleared), at: hours(Date.parse(audit.cleared.at), zone) });
}
