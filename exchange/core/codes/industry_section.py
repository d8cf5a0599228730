"""GB/T 4754-2017, industrial classification for national economic activities: 20 sections (门类), 97 divisions (大类).

Groups and classes (473 and 1,382) are not here: no open list of them is complete, and none is invented.
"""

from datetime import date

from exchange.core.codes import CodeList

LIST = CodeList(
    name="industry_section",
    standard="GB/T 4754",
    edition="2017",
    valid_from=date(2017, 10, 1),
    titles={
        "A": ("农、林、牧、渔业", "agriculture, forestry, animal husbandry and fishery"),
        "B": ("采矿业", "mining"),
        "C": ("制造业", "manufacturing"),
        "D": ("电力、热力、燃气及水生产和供应业", "electricity, heat, gas and water"),
        "E": ("建筑业", "construction"),
        "F": ("批发和零售业", "wholesale and retail trade"),
        "G": ("交通运输、仓储和邮政业", "transport, storage and post"),
        "H": ("住宿和餐饮业", "hotels and catering"),
        "I": ("信息传输、软件和信息技术服务业", "information transmission, software and IT services"),
        "J": ("金融业", "finance"),
        "K": ("房地产业", "real estate"),
        "L": ("租赁和商务服务业", "leasing and business services"),
        "M": ("科学研究和技术服务业", "scientific research and technical services"),
        "N": ("水利、环境和公共设施管理业", "water, environment and public facilities"),
        "O": ("居民服务、修理和其他服务业", "services to households, repair and other services"),
        "P": ("教育", "education"),
        "Q": ("卫生和社会工作", "health and social work"),
        "R": ("文化、体育和娱乐业", "culture, sports and entertainment"),
        "S": ("公共管理、社会保障和社会组织", "public management, social security and social organisations"),
        "T": ("国际组织", "international organisations"),
    },
)

DIVISIONS = {
    "A": range(1, 6),
    "B": range(6, 13),
    "C": range(13, 44),
    "D": range(44, 47),
    "E": range(47, 51),
    "F": range(51, 53),
    "G": range(53, 61),
    "H": range(61, 63),
    "I": range(63, 66),
    "J": range(66, 70),
    "K": range(70, 71),
    "L": range(71, 73),
    "M": range(73, 76),
    "N": range(76, 80),
    "O": range(80, 83),
    "P": range(83, 84),
    "Q": range(84, 86),
    "R": range(86, 91),
    "S": range(91, 97),
    "T": range(97, 98),
}
"""Section → numbers of its divisions; together 01 to 97 without a gap."""

SECTION_OF = {f"{number:02d}": section for section, numbers in DIVISIONS.items() for number in numbers}
"""Division (two digits) → section."""
