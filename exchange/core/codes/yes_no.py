"""是否标志: 0 no, 1 yes."""

from exchange.core.codes import CodeList

LIST = CodeList(name="yes_no", standard="是否标志", edition="feed", titles={"0": ("否", "no"), "1": ("是", "yes")})
