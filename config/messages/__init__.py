"""The words of the screens: extract, merge, check and compile message catalogues without GNU
gettext.
"""
