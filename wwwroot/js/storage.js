/** A store that keeps nothing. @type {Pick<Storage, 'getItem'|'setItem'|'removeItem'>} */
const NOWHERE = { getItem: () => null, setItem() {}, removeItem() {} };

/** A browser that is told to keep no data of sites does not even let a page look at the store. @param {'localStorage'|'sessionStorage'} name */
export function storage(name) {
  try {
    return globalThis[name] ?? NOWHERE;
  } catch {
    return NOWHERE;
  }
}
