// What a Databricks notebook finds there: widgets, here from variables, and display.
object dbutils {
  object widgets {
    def text(name: String, default: String): Unit = ()
    def get(name: String): String = sys.env("WIDGET_" + name)
  }
}
def display(rows: org.apache.spark.sql.DataFrame): Unit = rows.show(20, false)

