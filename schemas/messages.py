"""What each rule means, in Chinese and English, and what its failure does to the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "flag", "authority"]
"""fault: the row goes to quarantine. flag: it stays, marked. authority: a fault, but a flag where the agency registers
the identifier itself, because issuers have made arithmetic mistakes (the code is then suspect)."""


@dataclass(frozen=True)
class Message:
    """`zh` and `en` complete "this row is refused / marked because …"; neither ever holds a value."""

    zh: str
    en: str
    severity: Severity = "fault"


MESSAGES = {
    "required": Message("缺少必填值", "a required value is missing"),
    "code.unknown": Message("代码不在代码表中", "the code is not in its code list"),
    "code.unlisted": Message("代码不在已装入的各版代码表中", "in no loaded edition of its code list", "flag"),
    "date.impossible": Message("日历上没有这一天", "no such day in the calendar"),
    "date.unreadable": Message("日期格式无法识别", "the date can't be read"),
    "date.future": Message("日期晚于今天", "the date is after today", "flag"),
    "date.order": Message("起始日期晚于截止日期", "the period ends before it begins", "flag"),
    "date.partial": Message("日期不完整，未作推测", "only a part of a date, nothing was guessed", "flag"),
    "date.two_digit_year": Message("年份只有两位，未作推测", "a year of two digits, nothing was guessed", "flag"),
    "date.open_end": Message("表示长期或未知的日期，视为空值", "a date that means no end or none known", "flag"),
    "date.zone": Message("带时区的时间已换算为北京时间的日期", "a time with a zone, read as the day in China", "flag"),
    "date.serial": Message(
        "整列为电子表格日期序号（1900系统），已换算", "a spreadsheet's day numbers, the whole column", "flag"
    ),
    "date.epoch": Message(
        "1970年起的秒或毫秒数，已换算为日期", "seconds or milliseconds since 1970, read as a day", "flag"
    ),
    "integer.unreadable": Message("不是整数", "not an integer"),
    "money.unreadable": Message("金额无法识别", "the amount can't be read"),
    "money.currency": Message("金额中的币种不明或不一致", "the amount names an unknown or a second currency"),
    "money.no_amount": Message("只有单位，没有金额", "a unit without an amount", "flag"),
    "money.unit_assumed": Message("未写单位，单位为推定", "no unit given, one is assumed", "flag"),
    "money.text_differs": Message("文字中的金额与数字不一致", "the text names another amount than the number", "flag"),
    "money.negative": Message("金额为负", "the amount is negative"),
    "version.unreadable": Message("版本时间无法识别", "the version's time can't be read"),
    "key.missing": Message("缺少主键", "a part of the row's key is missing"),
    "too_few_fields": Message("列数不足", "too few fields"),
    "too_many_fields": Message("列数过多", "too many fields"),
    "open_quote": Message("引号未闭合", "a quote is left open"),
    "encoding": Message("编码错误", "bytes that the source's encoding does not know"),
    "header_repeated": Message("表头重复出现", "the header again"),
    "field_too_long": Message("字段过长", "a field is too long"),
    "line_too_long": Message("行过长", "a line is too long"),
    "not_an_object": Message("不是JSON对象", "not a JSON object"),
    "unknown_key": Message("未登记的字段", "a key that the feed does not have"),
    "missing_key": Message("缺少字段", "a key of the feed is missing"),
    "not_scalar": Message("字段不是单个值", "a list or an object where one value is due"),
    "repeated_key": Message("字段重复", "a key twice in one object"),
    "text.long": Message("文本超过标准规定的长度", "the text is longer than the standard allows"),
    "text.lost": Message("文字在来源处已损坏，无法恢复", "characters were lost before they came here"),
    "text.garbled": Message("UTF-8文字曾按GBK读取，已还原", "UTF-8 that was read as GBK, turned back", "flag"),
    "text.character": Message(
        "私用区字符、部首、兼容汉字或破折号已改为标准字符 (GB 18030-2022)",
        "private-use characters, radicals, compatibility ideographs or dashes replaced (GB 18030-2022)",
        "flag",
    ),
    "text.private_use": Message(
        "含有没有标准对应的私用区字符", "a private-use character without a published meaning", "flag"
    ),
    "encoding.other": Message(
        "该行编码与文件声明的不同，已按另一种编码读取", "a line not in the file's encoding", "flag"
    ),
    "encoding.euro": Message("该行含80字节的欧元符号 (Windows-936)", "the euro sign as byte 80 (Windows-936)", "flag"),
    "title_row": Message("表头之前的标题行", "a line of title above the header"),
    "footer_row": Message("合计行或说明行，不是数据", "a line of totals or notes, no row"),
    "cleaned": Message("已规范化，原值与规范值不同", "written differently, normalised", "flag"),
    "name.spaces": Message("姓名或名称中的空格已去除", "blanks between Han characters removed", "flag"),
    "name.dot": Message("姓名中的间隔号已统一为“·”", "the dot inside a name written as U+00B7", "flag"),
    "name.unreadable": Message("姓名或名称中有以符号代替的字", "a sign stands in the place of a character", "flag"),
    "name.traditional": Message(
        "姓名或名称中有繁体字或异体字，未作转换", "traditional or variant characters, kept", "flag"
    ),
    "name.number": Message("姓名栏内有号码", "a telephone or another number in the place of a name", "flag"),
    "name.former": Message("名称后括注原名", "a former name in brackets behind the name", "flag"),
    "name.branch": Message(
        "分支机构名称，不与总机构合并", "the name of a branch, never merged with its parent", "flag"
    ),
    "name.truncated": Message("名称疑似被截断", "the name seems to be cut off", "flag"),
    "placeholder": Message("占位符，视为空值", "a placeholder, taken as missing", "flag"),
    "float": Message("号码被表格软件改成了浮点数，末几位已丢失", "went through a float: its last digits are lost"),
    "id.masked": Message("号码被掩码，视为空值", "a masked number, taken as missing", "flag"),
    "repair.lookalike": Message(
        "形近字母已改为数字，两个校验码均符", "letters read as the digits they look like", "flag"
    ),
    "repair.upgraded": Message("15位号码已升为18位", "a 15-digit number, written with 18", "flag"),
    "repair.excel": Message(
        "已去除表格软件加在号码前后的符号", "a spreadsheet's mark around the number removed", "flag"
    ),
    "repair.wrong_x": Message("西里尔字母或罗马数字已改为X", "a Cyrillic or Roman letter read as X", "flag"),
    "repair.prefix": Message(
        "号码前的IMO、MMSI或国家代码86已去除", "IMO, MMSI or the country code 86 before the number removed", "flag"
    ),
    "repair.brackets": Message(
        "年份括号已统一为〔〕 (GB/T 9704-2012)", "the year put into 〔〕 (GB/T 9704-2012)", "flag"
    ),
    "repair.separators": Message("点、斜线或括号已去除", "points, slashes or brackets removed", "flag"),
    "repair.full_width": Message("全角字符已改为半角", "full-width characters made half width", "flag"),
    "repair.invisible": Message("不可见字符已去除", "invisible characters removed", "flag"),
    "repair.blanks": Message("空白已去除", "blanks removed", "flag"),
    "repair.dash": Message("其他横线已改为连字符或去除", "another dash read as a hyphen or removed", "flag"),
    "repair.hyphen": Message("连字符已去除", "hyphens removed", "flag"),
    "repair.case": Message("小写字母已改为大写", "small letters made capitals", "flag"),
    "uscc.length": Message("统一社会信用代码不是18位 (GB 32100-2015)", "not 18 characters (GB 32100-2015)"),
    "uscc.alphabet": Message(
        "统一社会信用代码含有不允许的字符 (GB 32100-2015)", "a character that GB 32100-2015 does not use", "authority"
    ),
    "uscc.kind": Message("第1、2位的组合未见使用", "places 1 and 2 are no known pair", "flag"),
    "uscc.check_digit": Message(
        "第18位校验码不符 (GB 32100-2015)", "the 18th character is not the check character (GB 32100-2015)", "authority"
    ),
    "uscc.embedded": Message(
        "第17位校验码不符 (GB 11714-1997)", "the 17th character is not the check character (GB 11714-1997)", "flag"
    ),
    "uscc.lookalike": Message("形近字母已改为数字，两个校验码均符", "a letter read as the digit it looks like", "flag"),
    "uscc.reg_no_in_uscc": Message(
        "信用代码栏内为注册号，已移至注册号", "a registration number, moved to reg_no", "flag"
    ),
    "uscc.org_code_in_uscc": Message("信用代码栏内为组织机构代码，已移动", "an organisation code, moved", "flag"),
    "uscc.several": Message("信用代码栏内有多个号码，已分开", "several numbers in one cell, told apart", "flag"),
    "uscc.tax_no_in_uscc": Message(
        "信用代码栏内为15位纳税人识别号，其组织机构代码已移动",
        "a taxpayer number of 15, its organisation code moved",
        "flag",
    ),
    "uscc.in_org_code": Message("组织机构代码栏内为信用代码，已移动", "a social credit code, moved", "flag"),
    "org_code.form": Message("组织机构代码格式不符 (GB 11714-1997)", "not the form of GB 11714-1997"),
    "org_code.check_digit": Message(
        "组织机构代码第9位校验码不符 (GB 11714-1997)",
        "the 9th character is not the check character (GB 11714-1997)",
        "flag",
    ),
    "org_code.uscc": Message("组织机构代码与信用代码第9–17位不同", "differs from places 9 to 17 of the USCC", "flag"),
    "reg_no.form": Message("注册号格式不符", "not the form of a registration number"),
    "reg_no.check_digit": Message(
        "注册号第15位校验码不符 (GS15-2006)", "the 15th digit is not the check digit (GS15-2006)", "flag"
    ),
    "customs_code.form": Message("海关注册编码不是10位", "not the ten characters of a customs registration"),
    "customs_code.zone": Message("海关注册编码第5位不是已知的经济区类型", "place 5 is no known kind of zone", "flag"),
    "customs_code.kind": Message(
        "海关注册编码第6位不是已知的企业类型", "place 6 is no known kind of enterprise", "flag"
    ),
    "ciq_no.form": Message("报检注册号不是10位数字", "not the ten digits of an inspection registration"),
    "tax_no.form": Message("纳税人识别号不是15、17、18或20位", "not 15, 17, 18 or 20 digits and capitals"),
    "tax_no.person": Message(
        "17、20位纳税人识别号应为公民身份号码加2位", "17 or 20 characters that don't begin as a citizen id", "flag"
    ),
    "tax_no.uscc": Message(
        "18位纳税人识别号不是有效的统一社会信用代码或公民身份号码 (GB 32100-2015)",
        "18 characters, neither a credit code (GB 32100-2015) nor a citizen id",
        "authority",
    ),
    "tax_no.embedded": Message(
        "所含组织机构代码的校验码不符 (GB 11714-1997)",
        "the organisation code in it has another check character (GB 11714-1997)",
        "flag",
    ),
    "food_permit.form": Message("食品许可证编号不是JY或SC加14位数字", "not JY or SC and 14 digits"),
    "food_permit.check_digit": Message(
        "第14位数字校验码不符 (ISO 7064 MOD 11,10，据实例推定)",
        "the 14th digit is not the check digit (ISO 7064 MOD 11,10, inferred)",
        "flag",
    ),
    "pollutant_permit.form": Message("排污许可证编号不是22位 (HJ 608-2017)", "not the 22 characters of HJ 608-2017"),
    "pollutant_permit.uscc": Message(
        "前18位不是有效的统一社会信用代码 (GB 32100-2015)", "does not begin with a credit code (GB 32100-2015)", "flag"
    ),
    "drug_permit.form": Message("药品经营许可证编号格式不符", "not the form of a drug permit", "flag"),
    "device_permit.form": Message(
        "医疗器械经营许可或备案编号格式不符", "not the form of a medical device permit", "flag"
    ),
    "chemicals_permit.form": Message(
        "危险化学品经营许可证编号格式不符", "not the form of a hazardous chemicals permit", "flag"
    ),
    "safety_permit.form": Message("安全生产许可证编号格式不符", "not the form of a work safety permit", "flag"),
    "document_no.form": Message("文书号不是“字〔年份〕号”的形式", "not a word, a year in 〔〕 and a number", "flag"),
    "hk_macao_permit.form": Message(
        "港澳居民来往内地通行证号码不是H或M加8位或10位数字", "not H or M and 8 or 10 digits"
    ),
    "taiwan_permit.form": Message("台湾居民来往大陆通行证号码不是8位数字", "not 8 digits"),
    "taiwan_permit.card": Message(
        "旧版本式通行证号码，结构未经证实", "a booklet's number, of unconfirmed form", "flag"
    ),
    "passport.form": Message("护照号码不是5至17位字母或数字", "not 5 to 17 digits and capitals"),
    "mobile.form": Message("手机号码不是11位或号段不存在", "not 11 digits that begin with 13 to 19"),
    "landline.form": Message("固定电话或服务号码格式不符", "not the form of a land line or service number"),
    "landline.tianjin": Message("天津固定电话应为8位", "after 022 there are 8 digits", "flag"),
    "imo.form": Message("IMO编号不是7位数字", "not 7 digits"),
    "imo.check_digit": Message("IMO编号第7位校验码不符", "the 7th digit is not the check digit"),
    "mmsi.form": Message("MMSI不是9位数字", "not 9 digits"),
    "ship_no.form": Message("船舶识别号不是CN加11位数字", "not CN and 11 digits"),
    "ship_no.year": Message("船舶识别号中的安放龙骨年份不合理", "no likely year of the keel", "flag"),
    "container.form": Message(
        "集装箱箱号不是4位字母（第4位为U、J或Z）加7位数字 (ISO 6346)",
        "not four letters, the last U, J or Z, and 7 digits (ISO 6346)",
    ),
    "container.check_digit": Message(
        "箱号第11位校验码不符 (ISO 6346)", "the 11th character is not the check digit (ISO 6346)"
    ),
    "bank_card.form": Message("银行卡号不是16至19位数字", "not 16 to 19 digits"),
    "bank_card.check_digit": Message(
        "末位校验码不符 (Luhn)；单位账户不适用", "the last digit is not Luhn's; firms' accounts have none", "flag"
    ),
    "hs_code.form": Message("商品编码不是6、8、10或13位数字", "not 6, 8, 10 or 13 digits"),
    "identifier.none": Message("没有任何可识别的代码", "no identifier at all"),
    "citizen_id.length": Message("公民身份号码不是18位 (GB 11643-1999)", "not 18 characters (GB 11643-1999)"),
    "citizen_id.alphabet": Message("公民身份号码含有不允许的字符", "a character that GB 11643-1999 does not use"),
    "citizen_id.province": Message("公民身份号码的省份代码不存在", "does not begin with a province"),
    "citizen_id.date": Message("公民身份号码中的出生日期不存在", "holds no possible date of birth"),
    "citizen_id.future": Message("公民身份号码中的出生日期晚于今天", "the date of birth is after today"),
    "citizen_id.county": Message(
        "区划代码从未存在 (GB/T 2260)", "the county code is in no edition of GB/T 2260", "flag"
    ),
    "citizen_id.check_digit": Message(
        "第18位校验码不符 (GB 11643-1999)", "the 18th character is not the check character (GB 11643-1999)"
    ),
    "citizen_id.upgraded": Message("15位号码已升为18位", "a 15-digit number, written with 18", "flag"),
    "citizen_id.moved": Message(
        "公开栏内为公民身份号码，已移至加密栏", "a citizen id, moved to a sealed column", "flag"
    ),
    "citizen_id.in_public": Message("公开栏内含有公民身份号码", "a public column holds a citizen id"),
    "residence_permit.prefix": Message("港澳台居民居住证号码不以81、82、83开头", "does not begin with 81, 82 or 83"),
    "residence_permit.area": Message("第3至6位不是0000", "places 3 to 6 are not 0000", "flag"),
    "permanent_residence.form": Message(
        "不是18位，也不是3个字母加12位数字", "neither 18 characters nor three letters and twelve digits"
    ),
    "permanent_residence.prefix": Message("永久居留证号码不以9开头", "does not begin with a 9"),
    "birth_date.id": Message("出生日期与身份号码不一致", "differs from the date in the citizen id", "flag"),
    "sex.id": Message("性别与身份号码不一致", "differs from the sex in the citizen id", "flag"),
    "industry.unknown": Message("行业代码不存在 (GB/T 4754-2017)", "no section or division of GB/T 4754-2017"),
    "market_entity_type.form": Message("市场主体类型不是4位代码 (GS14 CA16)", "not four digits (GS14 CA16)"),
    "division.form": Message("行政区划代码不是6位数字 (GB/T 2260)", "not six digits (GB/T 2260)", "flag"),
    "division.unknown": Message(
        "行政区划代码在各版中均不存在 (GB/T 2260)", "no edition of GB/T 2260 ever held this division", "flag"
    ),
    "division.abolished": Message(
        "行政区划代码已撤销 (GB/T 2260)", "a division that no longer exists (GB/T 2260)", "flag"
    ),
    "industry.edition": Message(
        "行业代码不属于所注版本，或未注版本而79–97大类在各版含义不同 (GB/T 4754)",
        "not of the edition it names, or it names none and divisions 79 to 97 differ between editions (GB/T 4754)",
        "flag",
    ),
    "code.form": Message("代码格式不符", "not the form of this code"),
    "postal_code.form": Message("邮政编码不是6位数字", "not six digits", "flag"),
    "phone.form": Message("电话号码格式不符", "not the form of a telephone number"),
    "email.form": Message("电子邮箱格式不符", "not the form of an e-mail address", "flag"),
}


def message(rule: str) -> Message:
    """The rule's message; KeyError for a rule without one. Placeholders and floats mean the same in every identifier.

    >>> message("uscc.check_digit").zh, message("uscc.placeholder").zh
    ('第18位校验码不符 (GB 32100-2015)', '占位符，视为空值')
    """
    kind, _, general = rule.rpartition(".")
    return MESSAGES[general if kind and general in ("placeholder", "float") else rule]


def is_fault(rule: str, *, registering: bool) -> bool:
    """Whether a failure of the rule refuses the row; `registering`: its agency issues the identifiers itself.

    >>> is_fault("uscc.check_digit", registering=False), is_fault("uscc.check_digit", registering=True)
    (True, False)
    """
    severity = message(rule).severity
    return severity == "fault" or (severity == "authority" and not registering)
