# What a Databricks notebook finds there: widgets, here from variables; plots go into the folder as files.
dbutils.widgets.text <- function(name, default) invisible(NULL)
dbutils.widgets.get <- function(name) Sys.getenv(paste0("WIDGET_", name), unset = NA)
options(warn = 2, width = 120)
png("plot-%d.png", width = 900, height = 560, res = 110)

