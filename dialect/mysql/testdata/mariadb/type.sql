bool                     bool
bool, keyed              bool
int16                    smallint
int16, keyed             smallint
int32                    int
int32, keyed             int
int64                    bigint
int64, keyed             bigint
float32                  double
float32, keyed           double
float64                  double
float64, keyed           double
decimal                  decimal(38,10)
decimal, keyed           decimal(38,10)
decimal, 12, 2           decimal(12,2)
decimal, 5, 0            decimal(5,0)
text                     longtext
text, keyed              varchar(255)
text, size 40            varchar(40)
text, size 40, keyed     varchar(40)
bytes                    longblob
bytes, keyed             varbinary(255)
bytes, size 40           varbinary(40)
bytes, size 40, keyed    varbinary(40)
time                     datetime(6)
time, keyed              datetime(6)
uuid                     binary(16)
uuid, keyed              binary(16)
json                     json
json, keyed              json
other                    inet
