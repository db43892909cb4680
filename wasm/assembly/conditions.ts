// Conditions: what is asked of each lane, one type per condition so that a loop templated over it has no branch inside.
// No object of these types ever exists: `changetype<Condition>(0).holds(...)` names the method and is inlined.
// `a` is the value compared with, or the low end of a range; `b` is the high end.

@final @unmanaged
export class Equal<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.eq<T>(x, a); }
}
@final @unmanaged
export class Unequal<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.ne<T>(x, a); }
}
@final @unmanaged
export class Less<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.lt<T>(x, a); }
}
@final @unmanaged
export class AtMost<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.le<T>(x, a); }
}
@final @unmanaged
export class Greater<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.gt<T>(x, a); }
}
@final @unmanaged
export class AtLeast<T> {
  @inline holds(x: v128, a: v128, _b: v128): v128 { return v128.ge<T>(x, a); }
}
@final @unmanaged
export class Closed<T> {
  @inline holds(x: v128, a: v128, b: v128): v128 { return v128.and(v128.ge<T>(x, a), v128.le<T>(x, b)); }
}
@final @unmanaged
export class LowExclusive<T> {
  @inline holds(x: v128, a: v128, b: v128): v128 { return v128.and(v128.gt<T>(x, a), v128.le<T>(x, b)); }
}
@final @unmanaged
export class HighExclusive<T> {
  @inline holds(x: v128, a: v128, b: v128): v128 { return v128.and(v128.ge<T>(x, a), v128.lt<T>(x, b)); }
}
@final @unmanaged
export class Open<T> {
  @inline holds(x: v128, a: v128, b: v128): v128 { return v128.and(v128.gt<T>(x, a), v128.lt<T>(x, b)); }
}
