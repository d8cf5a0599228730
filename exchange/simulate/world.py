"""One seeded world: companies and residents as they truly are, before any agency writes them down.

`World.companies` firms and half as many residents again. A firm's legal representative is a resident. Every column is a
function of the seed and the index alone, so a range can be made without the rest, at any size of the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from exchange.simulate import addresses, identifiers, names
from exchange.simulate.draw import days, draw, joined, pick


@dataclass(frozen=True)
class World:
    """The seed and the number of companies on day 0; everything else follows. It grows by 1 % of day 0 every day."""

    seed: int
    companies: int

    def day(self, days: int = 0) -> date:
        """The date of a day of the world; it stands still at day 0 until it is told to advance.

        >>> World(7, 1).day(1)
        datetime.date(2025, 1, 9)
        """
        return date(2025, 1, 1) + timedelta(days=self.seed % 180 + days)

    def companies_on(self, days: int) -> int:
        """Companies ever founded, by that day.

        >>> World(7, 2000).companies_on(1)
        2020
        """
        return self.companies + days * max(1, self.companies // 100)

    def traders_on(self, days: int) -> int:
        """Companies registered with customs, every third: trader k is company 3 k."""
        return (self.companies_on(days) + 2) // 3

    def residents_on(self, days: int) -> int:
        """Half as many again as companies."""
        return self.companies_on(days) * 3 // 2


def changed_on(day: int, count: int) -> pl.Series:
    """Which of the first `count` things of a feed change on a day ≥ 1, where their row is clean: 1 %.

    >>> changed_on(1, 250).to_list()
    [1, 101, 201]
    """
    return pl.int_range(day % 100, count, 100, dtype=pl.UInt64, eager=True).alias("index")


def dissolved_on(world: World, day: int) -> pl.Series:
    """Which companies of day 0 leave the register on a day ≥ 1, where their row is clean: 0.2 %.

    >>> dissolved_on(World(1, 2000), 1).to_list()
    [51, 551, 1051, 1551]
    """
    return pl.int_range((day + 50) % 500, world.companies, 500, dtype=pl.UInt64, eager=True).alias("index")


LARGEST = 10_000_000
"""Companies. Beyond, citizen ids would come twice."""
SCOPES = pl.Series(
    [
        "一般项目：货物进出口；技术进出口；国内贸易代理；普通货物仓储服务（不含危险化学品）。",
        "许可项目：道路货物运输（不含危险货物）；建设工程施工。一般项目：金属材料销售；机械设备租赁。",
        "技术开发、技术咨询、技术服务、技术转让；软件销售；计算机系统服务。",
        "食品销售（仅销售预包装食品）；日用百货销售；农副产品销售。",
        "国际货物运输代理；装卸搬运；报关业务；供应链管理服务。",
        "以自有资金从事投资活动；企业管理咨询；社会经济咨询服务。",
    ]
)
STATUSES = pl.Series(["1"] * 17 + ["2", "4", "4"])
"""存续, 吊销未注销, 注销 (standards §2)."""
TRADERS = pl.Series(["商行", "经营部", "服务部", "便利店"])


def span(first: int, last: int) -> pl.Series:
    """The indices first … last − 1."""
    return pl.int_range(first, last, dtype=pl.UInt64, eager=True).alias("index")


def representative(index: pl.Series, seed: int) -> pl.Series:
    """The resident who is a company's legal representative: one of [index, 1.5 × index], so within any larger world."""
    return index + draw(index, seed, "company.representative") % (index // 2 + 1)


def residents(first: int, last: int, seed: int) -> pl.DataFrame:
    """Residents first … last − 1: `index`, `id_no`, `name`, `male`, `born`, `division`, `home`, `phone`."""
    return people(span(first, last), seed)


def people(index: pl.Series, seed: int) -> pl.DataFrame:
    """The residents of any series of indices."""
    citizen = identifiers.citizens(index, seed)
    return pl.DataFrame(
        [
            index.alias("index"),
            citizen.number.alias("id_no"),
            names.people(index, citizen.male, seed).alias("name"),
            citizen.male.alias("male"),
            citizen.born.alias("born"),
            citizen.address.alias("division"),
            addresses.homes(index, seed).alias("home"),
            identifiers.mobiles(draw(index, seed, "person.phone")).alias("phone"),
        ]
    )


def companies(first: int, last: int, seed: int) -> pl.DataFrame:
    """Companies first … last − 1, one line each, as `firms` has them."""
    return firms(span(first, last), seed)


def firms(index: pl.Series, seed: int) -> pl.DataFrame:
    """The companies of any series of indices: texts, dates as YYYY-MM-DD, capital in 万元, `resident` an index."""
    uscc, head = identifiers.usccs(index, seed), representative(index, seed)
    person = identifiers.citizens(head, seed)
    trade = names.trades(index, seed)
    form = _forms(index, uscc.code, seed)
    return pl.DataFrame(
        [
            index.alias("index"),
            head.alias("resident"),
            uscc.code.alias("uscc"),
            uscc.org.alias("org_code"),
            identifiers.reg_numbers(index, seed).alias("reg_no"),
            identifiers.register_ids(index, seed).alias("register_id"),
            names.companies(index, trade["trade"], form["form"], seed).alias("name"),
            form["entity_type"],
            names.people(head, person.male, seed).alias("representative"),
            person.number.alias("representative_id"),
            trade["section"],
            trade["industry"],
            addresses.offices(index, seed).alias("address"),
            pick(draw(index, seed, "company.scope"), SCOPES).alias("scope"),
            uscc.code.str.slice(2, 6).alias("authority"),
            *_life(index, uscc.old, seed),
            *_contact(index, seed),
        ]
    )


def _forms(index: pl.Series, uscc: pl.Series, seed: int) -> pl.DataFrame:
    """`form` and `entity_type`: companies (91), sole traders (92) and cooperatives (93), as the code's kind says."""
    kind = uscc.str.slice(0, 2)
    trader = pick(draw(index, seed, "company.trader"), TRADERS)
    choice = (
        pl.when(pl.lit(kind) == "91")
        .then(pl.col("form"))
        .when(pl.lit(kind) == "92")
        .then(pl.lit(trader))
        .otherwise(pl.lit("专业合作社"))
    )
    entity_type = pl.when(pl.lit(kind) == "91").then(pl.col("entity_type")).otherwise(pl.lit("9000"))
    return names.forms(index, seed).select(choice.alias("form"), entity_type.alias("entity_type"))


def _life(index: pl.Series, old: pl.Series, seed: int) -> tuple[pl.Series, ...]:
    """Founding, approval, term, status, and the minute of the last change in the register, all before the fixed day."""
    drawn = draw(index, seed, "company.life")
    founded = pick(drawn, days("1985-01-01", 11_000)).zip_with(old, pick(drawn, days("2015-10-01", 2_600)))
    approved = pick(drawn // 20_000, days("2022-12-01", 700))
    year = (founded.str.slice(0, 4).cast(pl.UInt32) + 50).cast(pl.String)
    until = joined(year, "-", founded.str.slice(5, 2), "-28")
    bounded = pl.Series([True, True, False]).gather((drawn // 7 % 3).cast(pl.UInt32))
    until = pl.select(pl.when(bounded).then(until)).to_series()
    second = (draw(index, seed, "company.updated") % (700 * 86_400)).cast(pl.Int64)
    return (
        founded.alias("established"),
        approved.alias("approved"),
        until.alias("term_to"),
        pick(drawn // 1_000_000, STATUSES).alias("status"),
        second.alias("age_seconds"),
    )


def _contact(index: pl.Series, seed: int) -> tuple[pl.Series, ...]:
    drawn = draw(index, seed, "company.contact")
    fixed = joined(
        "022-", pick(drawn, pl.Series(["25", "59", "66", "65"])), identifiers.numbers(drawn // 10 % 10**6, 6)
    )
    mobile = identifiers.mobiles(drawn)
    cents = identifiers.numbers(drawn // 1_000 % 100, 2)
    return (
        fixed.zip_with(drawn % 2 == 0, mobile).alias("phone"),
        joined(pick(drawn // 64, addresses.UNITS), ".", cents, "0000").alias("capital"),
        pick(drawn // 9, pl.Series(["300450", "300451", "300456", "300457", "300461"])).alias("postcode"),
    )
