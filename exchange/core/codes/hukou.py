"""户口性质: agricultural or non-agricultural household register, as the population library's feeds give it."""

from exchange.core.codes import CodeList

LIST = CodeList(
    name="hukou",
    standard="人口库户口性质",
    edition="feed",
    titles={"10": ("农业户口", "agricultural"), "20": ("非农业户口", "non-agricultural")},
)
