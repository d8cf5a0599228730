"""CB16 of GS14: kinds of identity documents in the national vocabulary of business registration.

Public security uses another list (GA/T 517). Where the reference gives only a group, the title says the group.
"""

from exchange.core.codes import CodeList

LIST = CodeList(
    name="id_type",
    standard="GS14 CB16",
    edition="2006",
    titles={
        "10": ("居民身份证", "resident identity card"),
        "20": ("军官证", "military officer's card"),
        "30": ("警官证", "police officer's card"),
        "40": ("护照", "passport"),
        "51": ("港澳居民证件", "document of a Hong Kong or Macao resident (51)"),
        "52": ("港澳居民证件", "document of a Hong Kong or Macao resident (52)"),
        "53": ("港澳居民证件", "document of a Hong Kong or Macao resident (53)"),
        "54": ("港澳居民证件", "document of a Hong Kong or Macao resident (54)"),
        "55": ("港澳居民来往内地通行证", "mainland travel permit for Hong Kong and Macao residents"),
        "56": ("台湾居民证件", "document of a Taiwan resident (56)"),
        "57": ("台湾居民证件", "document of a Taiwan resident (57)"),
        "58": ("其他身份证件", "document of kind 58"),
        "60": ("户口簿", "household register"),
        "90": ("其他", "other"),
    },
)
