package language

import (
	"strings"
	"unicode"
)

// propertySet is what \p{name} stands for: a general category, a script, or a property that has no
// values. It is false where there is no such set, or none that we have.
func propertySet(name string) (runeSet, bool) {
	key, value, ok := strings.Cut(name, "=")
	switch {
	case !ok:
		if set, ok := categorySet(name); ok {
			return set, true
		}
		return binarySet(name)
	case key == "General_Category" || key == "gc":
		return categorySet(value)
	case key == "Script" || key == "sc":
		return scriptSet(value)
	}
	return nil, false
}

func categorySet(name string) (runeSet, bool) {
	if short, ok := unicode.CategoryAliases[name]; ok {
		name = short
	}
	table, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return tables(table), true
}

func scriptSet(name string) (runeSet, bool) {
	table, ok := unicode.Scripts[scriptName(name)]
	if !ok {
		return nil, false
	}
	return tables(table), true
}

func isScript(name string) bool { return unicode.Scripts[scriptName(name)] != nil }

// scriptName turns a script's code into the name that Go has it by.
func scriptName(name string) string {
	for pair := range strings.FieldsSeq(scriptCodes) {
		if code, long, _ := strings.Cut(pair, "="); code == name {
			return long
		}
	}
	return name
}

// binarySet knows the properties by their long and short names.
func binarySet(name string) (runeSet, bool) {
	switch name {
	case "Any":
		return runeSet(nil).complement(), true
	case "ASCII":
		return runeSet{{0, 0x7f}}, true
	case "Assigned":
		return tables(unicode.Categories["Cn"]).complement(), true
	case "Alphabetic", "Alpha":
		return tables(unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.Other_Lowercase, unicode.Other_Uppercase), true
	case "Lowercase", "Lower":
		return tables(unicode.Ll, unicode.Other_Lowercase), true
	case "Uppercase", "Upper":
		return tables(unicode.Lu, unicode.Other_Uppercase), true
	case "Cased":
		return tables(unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase), true
	case "Math":
		return tables(unicode.Sm, unicode.Other_Math), true
	case "Grapheme_Extend", "Gr_Ext":
		return tables(unicode.Me, unicode.Mn, unicode.Other_Grapheme_Extend), true
	case "ID_Start", "IDS":
		return identifierStart(), true
	case "ID_Continue", "IDC":
		more := tables(unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
		return union(identifierStart(), more.without(tables(unicode.Pattern_Syntax, unicode.Pattern_White_Space))), true
	}
	if ranges, ok := emojiRanges[name]; ok {
		return parseRanges(ranges), true
	}
	return tableSet(name)
}

func identifierStart() runeSet {
	return tables(unicode.L, unicode.Nl, unicode.Other_ID_Start).without(tables(unicode.Pattern_Syntax, unicode.Pattern_White_Space))
}

// tableSet takes those that Go has as they are. It has others, too, which the language has not.
func tableSet(name string) (runeSet, bool) {
	for pair := range strings.FieldsSeq(propertyTables) {
		if short, long, _ := strings.Cut(pair, "="); short == name || long == name {
			return tables(unicode.Properties[long]), true
		}
	}
	return nil, false
}

const propertyTables = `AHex=ASCII_Hex_Digit Bidi_C=Bidi_Control Dash=Dash Dep=Deprecated Dia=Diacritic Ext=Extender Hex=Hex_Digit
IDSB=IDS_Binary_Operator IDST=IDS_Trinary_Operator Ideo=Ideographic Join_C=Join_Control LOE=Logical_Order_Exception
NChar=Noncharacter_Code_Point Pat_Syn=Pattern_Syntax Pat_WS=Pattern_White_Space QMark=Quotation_Mark Radical=Radical
RI=Regional_Indicator STerm=Sentence_Terminal SD=Soft_Dotted Term=Terminal_Punctuation UIdeo=Unified_Ideograph
VS=Variation_Selector space=White_Space`

// propertiesWithoutSet are the language's that can be told of, but not had.
const propertiesWithoutSet = `Bidi_M Bidi_Mirrored CI Case_Ignorable CWCF Changes_When_Casefolded CWCM Changes_When_Casemapped CWL
Changes_When_Lowercased CWKCF Changes_When_NFKC_Casefolded CWT Changes_When_Titlecased CWU Changes_When_Uppercased DI
Default_Ignorable_Code_Point Gr_Base Grapheme_Base XIDC XID_Continue XIDS XID_Start Basic_Emoji Emoji_Keycap_Sequence
RGI_Modifier_Sequence RGI_Flag_Sequence RGI_Emoji_Modifier_Sequence RGI_Emoji_Flag_Sequence RGI_Emoji_Tag_Sequence RGI_Emoji_ZWJ_Sequence RGI_Emoji`

const scriptCodes = `Adlm=Adlam Aghb=Caucasian_Albanian Arab=Arabic Armi=Imperial_Aramaic Armn=Armenian Avst=Avestan Bali=Balinese Bamu=Bamum Bass=Bassa_Vah Batk=Batak
Beng=Bengali Bhks=Bhaiksuki Bopo=Bopomofo Brah=Brahmi Brai=Braille Bugi=Buginese Buhd=Buhid Cakm=Chakma Cans=Canadian_Aboriginal Cari=Carian
Cher=Cherokee Chrs=Chorasmian Copt=Coptic Cpmn=Cypro_Minoan Cprt=Cypriot Cyrl=Cyrillic Deva=Devanagari Diak=Dives_Akuru Dogr=Dogra Dsrt=Deseret
Dupl=Duployan Egyp=Egyptian_Hieroglyphs Elba=Elbasan Elym=Elymaic Ethi=Ethiopic Geor=Georgian Glag=Glagolitic Gong=Gunjala_Gondi Gonm=Masaram_Gondi
Goth=Gothic Gran=Grantha Grek=Greek Gujr=Gujarati Guru=Gurmukhi Hang=Hangul Hani=Han Hano=Hanunoo Hatr=Hatran Hebr=Hebrew Hira=Hiragana
Hluw=Anatolian_Hieroglyphs Hmng=Pahawh_Hmong Hmnp=Nyiakeng_Puachue_Hmong Hung=Old_Hungarian Ital=Old_Italic Java=Javanese Kali=Kayah_Li Kana=Katakana
Khar=Kharoshthi Khmr=Khmer Khoj=Khojki Kits=Khitan_Small_Script Knda=Kannada Kthi=Kaithi Lana=Tai_Tham Laoo=Lao Latn=Latin Lepc=Lepcha Limb=Limbu
Lina=Linear_A Linb=Linear_B Lyci=Lycian Lydi=Lydian Mahj=Mahajani Maka=Makasar Mand=Mandaic Mani=Manichaean Marc=Marchen Medf=Medefaidrin
Mend=Mende_Kikakui Merc=Meroitic_Cursive Mero=Meroitic_Hieroglyphs Mlym=Malayalam Mong=Mongolian Mroo=Mro Mtei=Meetei_Mayek Mult=Multani Mymr=Myanmar
Nagm=Nag_Mundari Nand=Nandinagari Narb=Old_North_Arabian Nbat=Nabataean Nkoo=Nko Nshu=Nushu Ogam=Ogham Olck=Ol_Chiki Orkh=Old_Turkic Orya=Oriya
Osge=Osage Osma=Osmanya Ougr=Old_Uyghur Palm=Palmyrene Pauc=Pau_Cin_Hau Perm=Old_Permic Phag=Phags_Pa Phli=Inscriptional_Pahlavi Phlp=Psalter_Pahlavi
Phnx=Phoenician Plrd=Miao Prti=Inscriptional_Parthian Qaac=Coptic Qaai=Inherited Rjng=Rejang Rohg=Hanifi_Rohingya Runr=Runic Samr=Samaritan
Sarb=Old_South_Arabian Saur=Saurashtra Sgnw=SignWriting Shaw=Shavian Shrd=Sharada Sidd=Siddham Sind=Khudawadi Sinh=Sinhala Sogd=Sogdian
Sogo=Old_Sogdian Sora=Sora_Sompeng Soyo=Soyombo Sund=Sundanese Sylo=Syloti_Nagri Syrc=Syriac Tagb=Tagbanwa Takr=Takri Tale=Tai_Le Talu=New_Tai_Lue
Taml=Tamil Tang=Tangut Tavt=Tai_Viet Telu=Telugu Tfng=Tifinagh Tglg=Tagalog Thaa=Thaana Tibt=Tibetan Tirh=Tirhuta Tnsa=Tangsa Ugar=Ugaritic Vaii=Vai
Vith=Vithkuqi Wara=Warang_Citi Wcho=Wancho Xpeo=Old_Persian Xsux=Cuneiform Yezi=Yezidi Yiii=Yi Zanb=Zanabazar_Square Zinh=Inherited Zyyy=Common`
